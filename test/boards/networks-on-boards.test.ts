import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach } from '../../agent/attach/attach.ts';
import { Random, randomSamples } from '../../agent/base/random.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import type { Model } from '../../agent/model/model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import { ACDNET_PRESETS } from '../../agent/nets/presets.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { pushAttached } from '../../agent/push/push-job.ts';
import { sendWindow } from '../../agent/smp/audio.ts';
import type { Board } from '../../agent/smp/board.ts';
import { readResults, startCursor } from '../../agent/smp/results.ts';
import type { InferenceRecord } from '../../protocol/vendor.ts';
import { Workplace } from './emulate-command.ts';

/** Loud to almost silent: each has an eighth of the loudness of the one before. */
const WINDOWS = 4;
const place = new Workplace();
const signal = new AbortController().signal;
beforeAll(() => place.openWithKey());
afterAll(() => place.close());

const qmicro = randomModel(
  acdnet({ name: 'qmicro', ...ACDNET_PRESETS['micro-acdnet'], classes: 10, form: 'real' }),
  7,
  'qmicro',
);
const xnor = randomModel(
  acdnet({
    name: 'xnor',
    channels: [8, 16, 16, 32, 32, 32, 32, 64, 64, 96, 96],
    conv12: 48,
    classes: 10,
    form: 'residual',
  }),
  8,
  'xnor',
);

async function recordOf(board: Board, win: number): Promise<InferenceRecord> {
  for (let cursor = startCursor; ; ) {
    const reading = await readResults(board, cursor, signal);
    const found = reading.records.find((record) => record.win === win);
    if (found !== undefined) return found;
    cursor = reading.next;
    await board.clock.sleep(50, signal);
  }
}

/** Sends windows loud and quiet, and holds the board's integers against the gateway's. */
async function compare(board: Board, model: Model): Promise<void> {
  const compiled = await CompiledModel.load(model, { cache: place.context.cache });
  const random = new Random(3);
  for (let window = 0; window < WINDOWS; window++) {
    const samples = randomSamples(random, compiled.windowSamples).map((s) => s >> (3 * window));
    const expected = compiled.run(samples);
    const win = await sendWindow(board, () => 100 + window, samples, signal);
    const record = await recordOf(board, win);
    expect(record.scores, `window ${window}`).toEqual(Array.from(expected.scores));
    expect(record.cls).toBe(expected.class);
    expect(record.ticks).toBeGreaterThan(1_000_000);
    expect(record.arena).toBeGreaterThan(1000);
    expect(record.stack).toBeGreaterThan(100);
  }
}

describe.each(boardIds(packageRoot))('emulated %s', (id) => {
  test("takes QMicro and an XNOR network in turn, each pushed, and gives the gateway's integers for loud and quiet windows", async () => {
    const attached = attach(`emulated:${id}`, place.context, signal);
    try {
      for (const model of [qmicro, xnor]) {
        const payload = { type: 'model', model } as const;
        const job = { payload, release: '1.0.0', dryRun: false };
        const { result } = await pushAttached(attached, place.context, job, signal);
        expect(result).toMatchObject({ step: 'done', how: 'pushed' });
        const info = await attached.board.info(signal);
        expect(info).toMatchObject({ board: id, model: model.metadata.name });
        expect(await attached.board.labels(signal)).toEqual(model.metadata.labels);
        await compare(attached.board, model);
      }
      const stats = await attached.board.stats(signal);
      expect(stats).toMatchObject({ wins: WINDOWS, wincrc: 0, windrop: 0, rxover: 0, lost: 0 });
    } finally {
      await attached.stop();
    }
  }, 600_000);
});
