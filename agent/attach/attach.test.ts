import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { equalBytes } from '../../protocol/bytes.ts';
import { FakeBoard } from '../../test/fakes/board.ts';
import { FakeEmulator } from '../../test/fakes/emulator.ts';
import { imageOf } from '../../test/fakes/image.ts';
import { VirtualClock } from '../../test/fakes/virtual-time.ts';
import { boardContext } from '../firmware/context.ts';
import { pushImage } from '../push/push.ts';
import { type Attached, attach } from './attach.ts';

const signal = new AbortController().signal;
const oldImage = imageOf(3);
const newImage = imageOf(5, 60_000);
const cleanUp: (() => Promise<unknown>)[] = [];
let state = '';
let flash = '';
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'otolith-attach-'));
  flash = join(state, 'mine.flash');
});
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
  await rm(state, { recursive: true });
});

/** Powers a board: with the same `fake` the very board of before, with its flash. */
async function power(serial: string, fake?: FakeBoard): Promise<[FakeEmulator, FakeBoard]> {
  let board = fake;
  const emulator = await FakeEmulator.start(flash, (send) => {
    board ??= new FakeBoard(oldImage.bytes, (bytes) => sendNow(bytes), { serial });
    sendNow = send;
    return board;
  });
  cleanUp.push(() => emulator.kill());
  await emulator.announce(state, 'cortex-m4', flash);
  if (board === undefined) throw new Error('no board was made');
  return [emulator, board];
}
let sendNow: (bytes: Uint8Array) => void = () => {};

function use(id: string, reopenMs: number): Attached {
  // The cache is empty: an emulator of our own could not even be built.
  const context = boardContext({ stateDir: state, cache: join(state, 'cache') }, () => {});
  const attached = attach(id, context, signal, { heartbeatMs: 0, firstOpenMs: 0, reopenMs });
  cleanUp.push(() => attached.stop());
  return attached;
}

/** Pushes, and pulls the power at half of the upload. */
async function pushUntilHalf(attached: Attached, atHalf: () => Promise<unknown>) {
  await attached.board.info(signal);
  let half: Promise<unknown> | undefined;
  const onProgress = (done: number, total: number): void => {
    if (done > total / 2) half ??= atHalf();
  };
  const options = { selfTests: [], run: 1, onProgress };
  const result = await pushImage(attached.board, newImage, options, signal);
  await half;
  expect(half).toBeDefined();
  return result;
}

const ids = (): readonly string[] => [`emulated:cortex-m4@${flash}`, 'its port'];

test.each([0, 1])(
  'an emulator that dies under a push: it fails, and no other is started (%i)',
  async (which) => {
    const [emulator, fake] = await power('aa');
    const attached = use(which === 0 ? (ids()[0] ?? '') : emulator.port, 400);
    const result = await pushUntilHalf(attached, () => emulator.kill());
    expect(result).toMatchObject({ step: 'failed' });
    expect(result).toHaveProperty(
      'why',
      expect.stringMatching(
        /the emulator of emulated:cortex-m4@\S+ \(process \d+\) has ended; start it again/,
      ),
    );
    expect(equalBytes(fake.running, oldImage.bytes)).toBe(true);
    expect(await readdir(state)).toEqual(['emulated']);
  },
);

test('the same board, powered again on its flash, gets the rest of the push', async () => {
  const [emulator, fake] = await power('aa');
  const result = await pushUntilHalf(use(ids()[0] ?? '', 20_000), async () => {
    await emulator.kill();
    await power('aa', fake);
  });
  expect(result).toMatchObject({ step: 'done', how: 'pushed' });
  expect(equalBytes(fake.running, newImage.bytes)).toBe(true);
});

test('another board on the same flash file is not taken for it', async () => {
  const [emulator] = await power('aa');
  let other: FakeBoard | undefined;
  const result = await pushUntilHalf(use(ids()[0] ?? '', 4000), async () => {
    await emulator.kill();
    [, other] = await power('bb');
  });
  expect(result).toMatchObject({ step: 'failed' });
  expect(result).toHaveProperty('why', expect.stringContaining('serial number bb, not aa'));
  expect(equalBytes(other?.running ?? new Uint8Array(), oldImage.bytes)).toBe(true);
  expect(other?.requests).toBeGreaterThan(0);
});

test('a path that cannot be an emulated board is refused in words', async () => {
  for (const id of ['emulated:cortex-m4@../x', 'emulated:cortex-m9', 'emulated:cortex-m4@']) {
    const { board } = use(id, 0);
    await expect(board.info(signal)).rejects.toMatchObject({ code: 'board-unknown' });
  }
});

test('where the set-up is missing, a board that does not run is refused for that reason', async () => {
  await mkdir(join(state, 'keys'), { recursive: true });
  await writeFile(join(state, 'nothing'), '');
  await expect(use('emulated:cortex-m4', 0).board.info(signal)).rejects.toMatchObject({
    code: 'firmware-sources',
  });
});

test('how long it waits for a board that is not there is said by the clock it was given', async () => {
  const clock = new VirtualClock();
  const context = boardContext({ stateDir: state, cache: join(state, 'cache') }, () => {});
  const options = { clock, heartbeatMs: 0, firstOpenMs: 3_600_000 };
  const attached = attach(join(state, 'ttyNone'), context, signal, options);
  await expect(clock.until(attached.board.info(signal))).rejects.toThrow(/ttyNone/);
  expect(clock.now()).toBeGreaterThanOrEqual(3_600_000);
  await clock.until(attached.stop());
});
