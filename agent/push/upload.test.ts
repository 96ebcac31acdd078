import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FakeBoard } from '../../test/fakes/board.ts';
import { cleanLine, type Damage, noisyLine } from '../../test/fakes/line.ts';
import { type LineSpeed, VirtualClock, virtualLine } from '../../test/fakes/virtual-time.ts';
import { Board } from '../smp/board.ts';
import { BoardLink } from '../smp/link.ts';
import { type UploadReport, uploadImage } from './upload.ts';

const image = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const sha = new Uint8Array(createHash('sha256').update(image).digest());
const signal = new AbortController().signal;

interface Speed extends Omit<LineSpeed, 'bytesPerMs'> {
  readonly baud: number;
}
const usual: Speed = { baud: 115_200, latencyMs: 1 };

interface Run extends UploadReport {
  /** Bytes on the line, both ways. */
  readonly carried: number;
}

/** One upload in virtual time, so that what is counted is the same in every run. */
async function upload(damage: Damage, speed = usual, bufferCount = 2): Promise<Run> {
  const clock = new VirtualClock();
  let board: FakeBoard | undefined;
  const { baud, latencyMs } = speed;
  // Ten bits to a byte.
  const line = virtualLine(clock, { bytesPerMs: baud / 10_000, latencyMs }, damage, (send) => {
    board = new FakeBoard(new Uint8Array(64), send, { bufferBytes: 4096, bufferCount });
    return board;
  });
  const link = new BoardLink({ open: line.open, clock, baud, heartbeatMs: 0 });
  link.start(signal);
  const report = await clock.until(uploadImage(new Board(link, clock), image, { sha }, signal));
  const { images } = await clock.until(new Board(link, clock).images(signal));
  expect(images[1]?.hash).toEqual(sha);
  await clock.until(link.stop());
  return { ...report, carried: line.carried() };
}

describe('an upload, in virtual time', () => {
  test.each([
    ['9600 baud', { baud: 9600, latencyMs: 1 }],
    ['115200 baud', usual],
    ['115200 baud behind a USB adapter that holds bytes back', { ...usual, latencyMs: 16 }],
    ['1 Mbaud', { baud: 1_000_000, latencyMs: 1 }],
  ] as const)('repeats nothing on a clean line of %s', async (_, speed) => {
    for (const bufferCount of [1, 2]) {
      const { repeated, chunks, resumedAt } = await upload(cleanLine, speed, bufferCount);
      expect({ repeated, resumedAt }).toEqual({ repeated: 0, resumedAt: 0 });
      expect(chunks).toBeLessThan(40);
    }
  });

  test('takes two and a half times as long where one byte in a thousand is corrupt, not nine', async () => {
    const clean = await upload(cleanLine);
    for (const seed of [1, 2, 3]) {
      const noisy = await upload(noisyLine(0.001, seed));
      expect(noisy.carried / clean.carried).toBeLessThan(3);
      expect(noisy.ms / clean.ms).toBeLessThan(3);
    }
  });

  test('comes through where one in two hundred is, at seven times the bytes', async () => {
    const clean = await upload(cleanLine);
    const noisy = await upload(noisyLine(0.005, 4));
    expect(noisy.carried / clean.carried).toBeLessThan(7);
    expect(noisy.ms / clean.ms).toBeLessThan(10);
  });

  test('goes back to large chunks when the noise has passed', async () => {
    const bad = noisyLine(0.005, 5);
    let seen = 0;
    const passing: Damage = (bytes) => {
      seen += bytes.length;
      return seen < 50_000 ? bad(bytes) : bytes;
    };
    const [always, passed] = [await upload(bad), await upload(passing)];
    expect(passed.chunks).toBeLessThan(always.chunks / 4);
    expect(passed.carried).toBeLessThan(always.carried / 3);
  });
});
