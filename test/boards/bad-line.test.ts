import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '../../agent/attach/attach.ts';
import { systemClock } from '../../agent/base/clock.ts';
import { packageRoot } from '../../agent/base/root.ts';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { runningEmulators } from '../../agent/emulator/registry.ts';
import { buildFirmware } from '../../agent/firmware/firmware.ts';
import type { FirmwareImage } from '../../agent/firmware/image.ts';
import { pushImage } from '../../agent/push/push.ts';
import { uploadImage } from '../../agent/push/upload.ts';
import { Board } from '../../agent/smp/board.ts';
import { BoardLink } from '../../agent/smp/link.ts';
import { serialPort } from '../../agent/smp/serial.ts';
import { toHex } from '../../protocol/bytes.ts';
import { badLine, cleanLine, noisyLine } from '../fakes/line.ts';
import { Workplace } from './emulate-command.ts';

const place = new Workplace();
const signal = new AbortController().signal;
beforeAll(() => place.openWithKey());
afterAll(() => place.close());

async function firmware(revision: number): Promise<FirmwareImage> {
  const { context } = place;
  const board = readBoardFile(packageRoot, 'cortex-m4');
  const release = { version: { major: 0, minor: 1, revision, build: 0 }, securityCounter: 0 };
  return buildFirmware(board, undefined, await context.key(), release, context);
}

async function using<T>(link: BoardLink, work: (board: Board) => Promise<T>): Promise<T> {
  link.start(signal);
  try {
    return await work(new Board(link, systemClock));
  } finally {
    await link.stop();
  }
}

test('a push over a line that drops, flips or doubles one byte in a hundred completes', async () => {
  const { port } = await place.emulate('cortex-m4', '--flash', place.path('noisy.flash'));
  const image = await firmware(1);
  const { open } = badLine(serialPort(port), noisyLine(0.01, 11));
  const link = new BoardLink({ open, clock: systemClock, heartbeatMs: 0 });
  const result = await using(link, (board) =>
    pushImage(board, image, { selfTests: [], run: 1 }, signal),
  );
  expect(result).toMatchObject({ step: 'done', how: 'pushed' });
  const clean = new BoardLink({ open: serialPort(port), clock: systemClock, heartbeatMs: 0 });
  await using(clean, async (board) => {
    const [running] = (await board.images(signal)).images;
    expect(running).toMatchObject({ active: true, confirmed: true });
    expect(toHex(running?.hash ?? new Uint8Array())).toBe(toHex(image.hash));
  });
}, 600_000);

test('an upload goes on after the plug was pulled, wherever that was', async () => {
  const { port } = await place.emulate('cortex-m4', '--flash', place.path('plug.flash'));
  for (const [at, cut] of [40, 1500, 9000, 16_500, 23_000, 27_500].entries()) {
    // Another image each time, so that nothing of it lies on the board yet.
    const image = await firmware(10 + at);
    const line = badLine(serialPort(port), cleanLine, cut);
    const link = new BoardLink({ open: line.open, clock: systemClock, heartbeatMs: 0 });
    await using(link, async (board) => {
      const report = await uploadImage(board, image.bytes, { sha: image.sha }, signal);
      expect(line.opened(), `cut at ${cut}`).toBe(2);
      expect(report.bytes).toBe(image.bytes.length);
      const hashes = (await board.images(signal)).images.map((slot) =>
        toHex(slot.hash ?? new Uint8Array()),
      );
      expect(hashes[1]).toBe(toHex(image.hash));
    });
  }
}, 300_000);

test('an emulated board that is killed is powered again with the flash it had', async () => {
  const attached = attach('emulated:cortex-m7', place.context, signal);
  try {
    const before = await attached.board.info(signal);
    const [emulator] = (await runningEmulators(place.context.stateDir)).filter(
      (running) => running.board === 'cortex-m7',
    );
    process.kill(emulator?.pid ?? 0, 'SIGKILL');
    await expect
      .poll(async () => (await attached.board.info(signal))?.mode, { timeout: 60_000 })
      .toBe('app');
    const after = await attached.board.info(signal);
    expect(before).toMatchObject({ mode: 'app', boots: 1 });
    expect(after).toMatchObject({ mode: 'app', boots: 2, reset: 'power-on' });
  } finally {
    await attached.stop();
  }
  expect(await runningEmulators(place.context.stateDir)).not.toContainEqual(
    expect.objectContaining({ board: 'cortex-m7' }),
  );
}, 240_000);
