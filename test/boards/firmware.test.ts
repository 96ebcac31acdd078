import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import { crc32 } from '../../protocol/crc.ts';
import { imageStateReplySchema } from '../../protocol/smp/image.ts';
import {
  appInfoSchema,
  benchReplySchema,
  benchWindow,
  infoReplySchema,
  labelsReplySchema,
  resultsReplySchema,
  statsReplySchema,
  VENDOR_GROUP,
  vendorCommand,
} from '../../protocol/vendor.ts';
import { EmulatedBoard, newFlash } from './emulated-board.ts';
import { buildApplication, buildBootloader } from './firmware-files.ts';
import { root } from './host-c.ts';
import { imageFor } from './images.ts';
import { newSigner } from './signing.ts';

const IMAGE = 1;
const signer = newSigner();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-firmware-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the toy network of toy-model.c says of a window. */
function toyScores(window: Int16Array): readonly number[] {
  const sums = [0, 0, 0, 0];
  window.forEach((sample, index) => {
    sums[index % 4] = (sums[index % 4] ?? 0) + sample;
  });
  return sums;
}

async function sendWindow(board: EmulatedBoard, win: number, window: Int16Array): Promise<void> {
  const bytes = new Uint8Array(window.buffer);
  for (let off = 0; off < bytes.length; ) {
    const data = bytes.subarray(off, off + 1000);
    const last = off + data.length === bytes.length ? { crc: crc32(bytes) } : {};
    const answer = await board.ask(2, VENDOR_GROUP, vendorCommand.audio, {
      win,
      off,
      data,
      ...last,
    });
    expect(answer).toEqual({ win, off: off + data.length });
    off += data.length;
  }
}

describe.each(boardIds(root))('firmware of %s', (id) => {
  const kind = readBoardFile(packageRoot, id);
  const flash = () => join(folder, id);
  let board: EmulatedBoard;
  let body: Uint8Array;

  beforeAll(async () => {
    const bootloader = await buildBootloader(kind, signer.publicKey);
    body = await buildApplication(kind, 'toy-model');
    board = new EmulatedBoard(kind, bootloader, flash());
  });
  afterEach(() => board.kill());

  const image = (counter: number) => imageFor(kind, body, counter, signer);

  async function version(): Promise<string> {
    return appInfoSchema.parse(await board.info()).fw;
  }

  async function request(confirm: boolean): Promise<void> {
    const { images } = imageStateReplySchema.parse(await board.ask(0, IMAGE, 0));
    const hash = images.find(({ slot }) => slot === 1)?.hash;
    const state = imageStateReplySchema.parse(await board.ask(2, IMAGE, 0, { hash, confirm }));
    expect(state.images[1]).toMatchObject({ slot: 1, pending: true, permanent: confirm });
  }

  test('blank, it recovers over the serial line; then test, revert, confirm, no way back', async () => {
    newFlash(kind, flash());
    board.start();
    expect(infoReplySchema.parse(await board.info())).toMatchObject({
      mode: 'recovery',
      board: id,
    });
    expect(await board.upload(image(1))).toEqual({ off: image(1).length });
    const info = appInfoSchema.parse(await board.reset());
    expect(info).toMatchObject({ fw: '1.1.0', reset: 'software', model: 'toy', ctr: 1 });

    await board.upload(image(2));
    await request(false);
    expect(await board.reset()).toMatchObject({ fw: '1.2.0', ctr: 1 });
    // The image that is replaced must stay until the new one is confirmed.
    expect(
      await board.ask(2, IMAGE, 1, { off: 0, len: 9000, data: image(3).subarray(0, 64) }),
    ).toEqual({
      err: { group: IMAGE, rc: 9 },
    });
    expect(await board.reset()).toMatchObject({ fw: '1.1.0', ctr: 1 });

    await board.upload(image(2));
    await request(false);
    expect(await board.reset()).toMatchObject({ fw: '1.2.0' });
    await board.ask(2, IMAGE, 0, { confirm: true });
    expect(await board.reset()).toMatchObject({ fw: '1.2.0', ctr: 2 });

    await board.upload(image(1));
    const { images } = imageStateReplySchema.parse(await board.ask(0, IMAGE, 0));
    expect(images.map(({ bootable }) => bootable)).toEqual([true, false]);
    expect(await board.ask(2, IMAGE, 0, { hash: images[1]?.hash, confirm: false })).toEqual({
      err: { group: IMAGE, rc: 8 },
    });
    await board.kill();
    board.start();
    expect(await version()).toBe('1.2.0');
  });

  test('runs windows sent in chunks and the bench, to the integers the network must give', async () => {
    newFlash(kind, flash(), image(1));
    board.start();
    const { window: samples } = appInfoSchema.parse(await board.info());
    for (let win = 1; win <= 3; win++) await sendWindow(board, win, benchWindow(win + 70, samples));
    const results = resultsReplySchema.parse(
      await board.ask(0, VENDOR_GROUP, vendorCommand.results, { seq: 2 }),
    );
    expect(results).toMatchObject({ first: 1, next: 4, lost: 0 });
    expect(results.recs.map(({ seq, win, scores }) => ({ seq, win, scores }))).toEqual(
      [2, 3].map((win) => ({ seq: win, win, scores: toyScores(benchWindow(win + 70, samples)) })),
    );
    for (const { ticks, uj, src, stack } of results.recs) {
      expect(ticks).toBeGreaterThan(3 * samples);
      expect(src).toBe(kind.power === null ? 'none' : 'estimated');
      expect(uj > 0).toBe(kind.power !== null);
      expect(stack).toBeLessThan(kind.stackBytes);
    }
    const ask = () => board.ask(2, VENDOR_GROUP, vendorCommand.bench, { seed: 9, run: 1 });
    expect(await ask()).toEqual({ done: false });
    const bench = benchReplySchema.parse(await ask());
    expect(bench).toMatchObject({ done: true, scores: toyScores(benchWindow(9, samples)) });
    expect(await board.ask(2, VENDOR_GROUP, vendorCommand.bench, { seed: 9, run: 2 })).toEqual({
      done: false,
    });
    const again = benchReplySchema.parse(
      await board.ask(2, VENDOR_GROUP, vendorCommand.bench, { seed: 9, run: 2 }),
    );
    expect(again).toMatchObject({ done: true, scores: toyScores(benchWindow(9, samples)) });
    const stats = statsReplySchema.parse(await board.ask(0, VENDOR_GROUP, vendorCommand.stats));
    expect(stats).toMatchObject({ wins: 3, infer: 5, rxover: 0, badcrc: 0, lost: 0 });
    expect(
      labelsReplySchema.parse(await board.ask(0, VENDOR_GROUP, vendorCommand.labels, { from: 2 })),
    ).toEqual({ count: 4, from: 2, labels: ['clock', 'sea'] });
  });
});
