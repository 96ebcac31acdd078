import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { flashBytes, maxImageBytes } from '../../agent/boards/board-file.ts';
import { readTrailer } from '../../protocol/mcuboot/trailer.ts';
import { imageStateReplySchema } from '../../protocol/smp/image.ts';
import { appInfoSchema } from '../../protocol/vendor.ts';
import { newFlash } from './emulated-board.ts';
import { buildHanging } from './firmware-files.ts';
import { flashWithRequest, imageFor, wrongImages } from './images.ts';
import { newSigner } from './signing.ts';
import { useToyBoard } from './toy-board.ts';

const IMAGE = 1;
const STATE_RECORD = 32;
const toy = useToyBoard('cortex-m4');
const { kind, signer } = toy;
afterEach(() => toy.board.kill());

/** Slot 1's trailer as it lies in the flash file. */
function requestLeft(): boolean {
  const { slot1, slotBytes } = kind.flash;
  return readTrailer(readFileSync(toy.flash).subarray(slot1, slot1 + slotBytes)).magic === 'good';
}

/** The boot state of a board that has run the first image: its security counter is 1. */
async function stateAfterStart(): Promise<Uint8Array> {
  newFlash(kind, toy.flash, toy.image(1));
  toy.board.start();
  expect(await toy.board.info()).toMatchObject({ fw: '1.1.0', ctr: 1 });
  await toy.board.kill();
  return readFileSync(toy.flash).subarray(kind.flash.state, flashBytes(kind));
}

/** The word each is refused with (protocol/VENDOR.md, info). */
const reasons: Readonly<Record<string, string>> = {
  unsigned: 'signature',
  'without a hash': 'records',
  'signed by a foreign key': 'key',
  'signed by a foreign key under our name': 'signature',
  'a bit flipped in the name of the key': 'key',
  'a bit flipped in the signature': 'signature',
  'of a lower security counter': 'counter',
  'for another board': 'board',
  'truncated in the body': 'records',
  'truncated in the records': 'signature',
  'longer than the slot by its header': 'size',
  'with two security counters': 'records',
};
/** Every other flipped bit. */
const reasonOf = (name: string): string => reasons[name] ?? 'hash';

describe('what a board must not start', () => {
  test('the bootloader refuses it, drops the request and starts the old image', async () => {
    const wrong = wrongImages(kind, toy.body, signer);
    const state = await stateAfterStart();
    for (const [name, image] of wrong) {
      newFlash(kind, toy.flash);
      writeFileSync(toy.flash, flashWithRequest(kind, toy.image(1), image, state), { flag: 'r+' });
      expect(requestLeft()).toBe(true);
      toy.board.start();
      const { fw, refused } = appInfoSchema.parse(await toy.board.info());
      expect([name, fw, requestLeft(), refused]).toEqual([name, '1.1.0', false, reasonOf(name)]);
      await toy.board.kill();
    }
    console.log(`${wrong.length} kinds of wrong images refused by the bootloader`);
  }, 120_000);

  test('the same way it starts a right one, so that the refusals mean something', async () => {
    newFlash(kind, toy.flash);
    writeFileSync(toy.flash, flashWithRequest(kind, toy.image(1), toy.image(2)), { flag: 'r+' });
    toy.board.start();
    expect(await toy.board.info()).toMatchObject({ fw: '1.2.0', refused: '' });
    // Not confirmed, it goes back at the next start, which is reported as well.
    expect(await toy.board.reset()).toMatchObject({ fw: '1.1.0', refused: 'reverted' });
    await toy.board.upload(toy.image(3));
    const { images } = imageStateReplySchema.parse(await toy.board.ask(0, IMAGE, 0));
    await toy.board.ask(2, IMAGE, 0, { hash: images[1]?.hash, confirm: false });
    expect(await toy.board.reset()).toMatchObject({ fw: '1.3.0', refused: '' });
  });

  test('a boot state that an older bootloader wrote is read, and names no reason', async () => {
    const state = await stateAfterStart();
    const record = state.slice(0, STATE_RECORD);
    // The byte that holds the reason was always zero.
    expect(record[11]).toBe(0);
    newFlash(kind, toy.flash);
    writeFileSync(toy.flash, flashWithRequest(kind, toy.image(1), toy.image(2), record), {
      flag: 'r+',
    });
    toy.board.start();
    expect(await toy.board.info()).toMatchObject({ fw: '1.2.0', ctr: 1, boots: 2, refused: '' });
  });

  test('serial recovery says why nothing can be started, also of an upload before its start', async () => {
    newFlash(kind, toy.flash);
    toy.board.start();
    expect(await toy.board.info()).toMatchObject({ mode: 'recovery', refused: 'no-image' });
    await toy.board.upload(imageFor(kind, toy.body, 2, newSigner()));
    expect(await toy.board.info()).toMatchObject({ mode: 'recovery', refused: 'key' });
    expect(await toy.board.reset()).toMatchObject({ mode: 'recovery', refused: 'key' });
    await toy.board.upload(toy.image(2));
    expect(await toy.board.info()).toMatchObject({ mode: 'recovery', refused: '' });
    expect(await toy.board.reset()).toMatchObject({ mode: 'app', fw: '1.2.0', refused: '' });
  });

  test('uploaded and asked for, it is refused too, by the application where that can tell', async () => {
    newFlash(kind, toy.flash, toy.image(1));
    toy.board.start();
    const outcomes: string[] = [];
    for (const [name, image] of wrongImages(kind, toy.body, signer)) {
      await toy.board.upload(image);
      const { images } = imageStateReplySchema.parse(await toy.board.ask(0, IMAGE, 0));
      const hash = images.find(({ slot }) => slot === 1)?.hash;
      if (hash !== undefined) {
        const answer = await toy.board.ask(2, IMAGE, 0, { hash, confirm: false });
        if (!('err' in answer)) outcomes.push(name);
        else
          expect([name, await toy.board.info()]).toMatchObject([name, { refused: reasonOf(name) }]);
      }
      expect([name, await toy.board.reset()]).toMatchObject([name, { fw: '1.1.0' }]);
    }
    // Only the bootloader holds the key, so only these come so far.
    expect(outcomes).toEqual([
      'unsigned',
      'signed by a foreign key',
      'signed by a foreign key under our name',
      'a bit flipped in the name of the key',
      'a bit flipped in the signature',
      'truncated in the records',
    ]);
  }, 240_000);

  test('an upload that is too long, or not an image, is refused at its first portion', async () => {
    newFlash(kind, toy.flash, toy.image(1));
    toy.board.start();
    const data = toy.image(2).subarray(0, 200);
    const first = (len: number, bytes = data) =>
      toy.board.ask(2, IMAGE, 1, { off: 0, len, data: bytes });
    expect(await first(maxImageBytes(kind) + 1)).toEqual({ err: { group: IMAGE, rc: 30 } });
    expect(await first(5000, new Uint8Array(200))).toEqual({ err: { group: IMAGE, rc: 23 } });
    expect(await toy.board.ask(2, IMAGE, 1, { off: 0, data })).toEqual({
      err: { group: IMAGE, rc: 21 },
    });
    expect(await first(maxImageBytes(kind))).toEqual({ off: 200 });
  });

  test('an image that hangs is ended by the watchdog and goes back', async () => {
    const hanging = imageFor(kind, await buildHanging(kind), 2, signer);
    newFlash(kind, toy.flash);
    writeFileSync(toy.flash, flashWithRequest(kind, toy.image(1), hanging), { flag: 'r+' });
    toy.board.start();
    expect(appInfoSchema.parse(await toy.board.info())).toMatchObject({
      fw: '1.1.0',
      reset: 'watchdog',
      refused: 'reverted',
      ctr: 1,
    });
  }, 120_000);
});
