import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { packageRoot } from '../../agent/root.ts';
import { concat, viewOf } from '../../protocol/bytes.ts';
import { appInfoSchema } from '../../protocol/vendor.ts';
import { EmulatedBoard, newFlash } from './emulated-board.ts';
import { buildApplication, buildBootloader } from './firmware-files.ts';
import { flashWithRequest, imageFor } from './images.ts';
import { newSigner, pseudoRandom } from './signing.ts';

const KILLS = 50;
/** As large as a firmware with a network, so that a swap takes a while. */
const BODY_BYTES = 170_000;
const RECORD_BYTES = 32;
const kind = readBoardFile(packageRoot, 'cortex-m4');
const signer = newSigner();
let folder = '';
let flash = '';
let board: EmulatedBoard;
let body: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otolith-kill-'));
  flash = join(folder, 'flash');
  board = new EmulatedBoard(kind, await buildBootloader(kind, signer.publicKey), flash);
  const app = await buildApplication(kind, 'toy-model');
  body = concat([app, pseudoRandom(BODY_BYTES - app.length, 3)]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Copies done in the swap under way, from the boot state in the flash file; undefined when there is none. */
function swapStep(): number | undefined {
  const { state, sectorBytes } = kind.flash;
  const log = new Uint8Array(2 * sectorBytes);
  const file = openSync(flash, 'r');
  readSync(file, log, 0, log.length, state);
  closeSync(file);
  let newest = { sequence: -1, step: undefined as number | undefined };
  for (let at = 0; at < log.length; at += RECORD_BYTES) {
    const record = viewOf(log.subarray(at, at + RECORD_BYTES));
    const sequence = record.getUint32(4, true);
    if (record.getUint32(0) !== 0x6f746f73 || sequence <= newest.sequence) continue;
    newest = { sequence, step: record.getUint8(8) === 1 ? record.getUint32(16, true) : undefined };
  }
  return newest.step;
}

/** Waits until a started board has made that many copies of its swap, then cuts its power; true when that hit the swap. */
async function cutAtCopy(copies: number): Promise<boolean> {
  for (let waited = 0; swapStep() === undefined && waited < 2_000; waited++) await sleep(1);
  for (let step = swapStep(); step !== undefined && step < copies; step = swapStep()) {
    await sleep(0);
  }
  await board.kill();
  return swapStep() !== undefined;
}

test(`survives ${KILLS} power cuts of the emulator at random moments of a swap`, async () => {
  const images = [1, 2].map((counter) => imageFor(kind, body, counter, signer));
  const [old = body, asked = body] = images;
  const copies = 2 * Math.ceil(old.length / kind.flash.sectorBytes);
  let hits = 0;
  let twice = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    newFlash(kind, flash);
    writeFileSync(flash, flashWithRequest(kind, old, asked), { flag: 'r+' });
    board.start();
    const hit = await cutAtCopy((kill * 37) % copies);
    hits += hit ? 1 : 0;
    if (hit && kill % 3 === 0) {
      board.start();
      await sleep(50 + kill);
      await board.kill();
      twice++;
    }
    board.start();
    const { fw } = appInfoSchema.parse(await board.info());
    expect(['1.1.0', '1.2.0']).toContain(fw);
    expect(await board.reset()).toMatchObject({ fw: '1.1.0', ctr: 1 });
    await board.kill();
  }
  console.log(`${KILLS} power cuts, ${hits} within the swap, ${twice} of them cut again: 0 bricks`);
  expect(hits).toBeGreaterThan(KILLS / 2);
}, 600_000);
