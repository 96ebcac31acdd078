import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '../../agent/attach/attach.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { VERSION } from '../../agent/base/version.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { buildFirmware } from '../../agent/firmware/firmware.ts';
import { writeModel } from '../../agent/model/model.ts';
import { acdnet } from '../../agent/nets/acdnet.ts';
import { randomModel } from '../../agent/nets/random-model.ts';
import { pushImage } from '../../agent/push/push.ts';
import { pushTo } from '../../agent/push/push-job.ts';
import { toHex } from '../../protocol/bytes.ts';
import { Workplace } from './emulate-command.ts';

const place = new Workplace();
const signal = new AbortController().signal;
beforeAll(() => place.openWithKey());
afterAll(() => place.close());

const board = readBoardFile(packageRoot, 'cortex-m33');
const version = { major: 0, minor: 3, revision: 0, build: 0 };
const release = { version, securityCounter: 0 };

test('a board with erased flash waits in serial recovery and is brought to life by a push; wrong integers revert', async () => {
  const { port } = await place.emulate('cortex-m33', '--empty');
  const listed = JSON.parse(await place.otolith('boards', '--probe', '--json'));
  expect(listed).toMatchObject([
    { id: 'emulated:cortex-m33', path: port, answer: 'otolith', info: { mode: 'recovery' } },
  ]);

  const plain = await buildFirmware(
    board,
    undefined,
    await place.context.key(),
    release,
    place.context,
  );
  const file = place.path('plain.bin');
  await writeFile(file, plain.bytes);
  const pushed = await place.otolith(
    'push',
    '--image',
    file,
    '--board',
    'emulated:cortex-m33',
    '--json',
  );
  expect(JSON.parse(pushed)).toMatchObject({ result: { step: 'done', how: 'pushed' } });

  const net = acdnet({ name: 'tiny', channels: Array(11).fill(4), classes: 3, form: 'real' });
  const model = randomModel(net, 1, 'tiny');
  const modelFile = place.path('tiny.safetensors');
  await writeModel(modelFile, model);
  const dry = ['push', modelFile, '--board', 'emulated:cortex-m33', '--dry-run', '--json'];
  const byCommand = JSON.parse(await place.otolith(...dry));
  // The gateway's job names no version either.
  const job = { payload: { type: 'model', model }, dryRun: true } as const;
  const byGateway = await pushTo('emulated:cortex-m33', place.context, job, signal);
  expect(byCommand.imageHash).toBe(byGateway.imageHash);
  expect(byGateway.version).toBe(VERSION);

  const next = await buildFirmware(board, model, await place.context.key(), release, place.context);
  const attached = attach('emulated:cortex-m33', place.context, signal);
  try {
    const selfTests = [{ seed: 1, scores: [1, 2, 3] }];
    const result = await pushImage(attached.board, next, { selfTests, run: 9 }, signal);
    expect(result).toMatchObject({ step: 'failed', running: 'old' });
    expect(result).toHaveProperty('why', expect.stringMatching(/wrong integers .*score 0 is/));
    const [running] = (await attached.board.images(signal)).images;
    expect(toHex(running?.hash ?? new Uint8Array())).toBe(toHex(plain.hash));
    expect(running).toMatchObject({ active: true, confirmed: true });
  } finally {
    await attached.stop();
  }
}, 240_000);
