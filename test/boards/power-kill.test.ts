import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { equalBytes, viewOf } from '../../protocol/bytes.ts';
import { appInfoSchema } from '../../protocol/vendor.ts';
import { newFlash } from './emulated-board.ts';
import { flashWithRequest } from './images.ts';
import { useToyBoard } from './toy-board.ts';

/** Cuts that must hit the swap; of how many that are tried. */
const HITS = 30;
const MOST_TRIES = 120;
/** As large as a firmware with a network, so that a swap takes a while. */
const toy = useToyBoard('cortex-m4', 170_000);
const { kind } = toy;
const RECORD_BYTES = 32;
const VERSION_AT = 20;

function flashAt(address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(toy.flash, 'r');
  readSync(file, bytes, 0, length, address);
  closeSync(file);
  return bytes;
}

/** Copies done in the swap under way, from the boot state in the flash file; undefined when there is none. */
function swapStep(): number | undefined {
  const { state, sectorBytes } = kind.flash;
  const log = flashAt(state, 2 * sectorBytes);
  let newest = { sequence: -1, step: undefined as number | undefined };
  for (let at = 0; at < log.length; at += RECORD_BYTES) {
    const record = viewOf(log.subarray(at, at + RECORD_BYTES));
    const sequence = record.getUint32(4, true);
    if (record.getUint32(0) !== 0x6f746f73 || sequence <= newest.sequence) continue;
    newest = { sequence, step: record.getUint8(8) === 1 ? record.getUint32(16, true) : undefined };
  }
  return newest.step;
}

/** Whether slot 0 begins with this image. */
function isIn(image: Uint8Array): boolean {
  const version = image.subarray(VERSION_AT, VERSION_AT + 8);
  return equalBytes(flashAt(kind.flash.slot0 + VERSION_AT, 8), version);
}

/** Lets a started board make so many copies of its swap, then cuts its power; true when that hit the swap. */
async function cutAtCopy(copies: number, asked: Uint8Array): Promise<boolean> {
  while (swapStep() === undefined && !isIn(asked)) await sleep(1);
  for (let step = swapStep(); step !== undefined && step < copies; step = swapStep()) {
    await sleep(0);
  }
  await toy.board.kill();
  return swapStep() !== undefined;
}

test(`survives ${HITS} power cuts of the emulator in a swap, and more while it recovers`, async () => {
  const { board } = toy;
  const [old, asked] = [toy.image(1), toy.image(2)];
  const copies = 2 * Math.ceil(old.length / kind.flash.sectorBytes);
  const count = { tries: 0, hits: 0, again: 0 };
  while (count.hits < HITS && count.tries < MOST_TRIES) {
    newFlash(kind, toy.flash);
    writeFileSync(toy.flash, flashWithRequest(kind, old, asked), { flag: 'r+' });
    board.start();
    const hit = await cutAtCopy((count.tries * 37) % copies, asked);
    if (hit && count.hits % 3 === 0) {
      const step = swapStep() ?? 0;
      board.start();
      if (await cutAtCopy(step + 1 + (count.tries % 5), asked)) count.again++;
    }
    count.tries++;
    if (hit) count.hits++;
    board.start();
    const { fw } = appInfoSchema.parse(await board.info());
    expect(['1.1.0', '1.2.0']).toContain(fw);
    expect(await board.reset()).toMatchObject({ fw: '1.1.0', ctr: 1 });
    await board.kill();
  }
  const { tries, hits, again } = count;
  console.log(`${tries} power cuts, ${hits} within the swap, ${again} of them cut again: 0 bricks`);
  expect(hits).toBe(HITS);
}, 600_000);
