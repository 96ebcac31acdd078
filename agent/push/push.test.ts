import { afterEach, describe, expect, test } from 'vitest';
import { equalBytes } from '../../protocol/bytes.ts';
import { benchWindow } from '../../protocol/vendor.ts';
import { FakeBoard, type FakeBoardOptions, sumScores } from '../../test/fakes/board.ts';
import { imageOf } from '../../test/fakes/image.ts';
import { cleanLine, type Damage, FakeLine, noisyLine } from '../../test/fakes/line.ts';
import { VirtualClock, virtualLine } from '../../test/fakes/virtual-time.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { Board } from '../smp/board.ts';
import { BoardLink } from '../smp/link.ts';
import { type PushImage, pushImage, type SelfTest } from './push.ts';
import { uploadImage } from './upload.ts';

const signal = new AbortController().signal;

const oldImage = imageOf(3);
const newImage = imageOf(5);
const selfTests: readonly SelfTest[] = [{ seed: 1, scores: sumScores(benchWindow(1, 1000)) }];

const links: BoardLink[] = [];
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.stop()));
});

function setUp(
  options: FakeBoardOptions = {},
  damage: Damage = cleanLine,
  clock: Clock = systemClock,
) {
  let fake: FakeBoard | undefined;
  const line = new FakeLine((send) => {
    fake = new FakeBoard(oldImage.bytes, send, options);
    return fake;
  }, damage);
  const link = new BoardLink({ open: line.open, clock, heartbeatMs: 0 });
  links.push(link);
  link.start(signal);
  const device = (): FakeBoard => {
    if (fake === undefined) throw new Error('never opened');
    return fake;
  };
  return { line, board: new Board(link, clock), device };
}

/** What another client does that tries an image and goes away. */
async function leaveOnTrial(board: Board, image: PushImage): Promise<void> {
  await uploadImage(board, image.bytes, { sha: image.sha }, signal);
  await board.setImage({ hash: image.hash, confirm: false }, signal);
  await board.reset(signal);
  expect((await board.images(signal)).images[0]).toMatchObject({ active: true, confirmed: false });
}

describe('push', () => {
  test('uploads, tests, checks and confirms; a second push finds nothing to do', async () => {
    const { board, device } = setUp();
    const options = { selfTests, run: 1 };
    const result = await pushImage(board, newImage, options, signal);
    expect(result).toMatchObject({ step: 'done', how: 'pushed' });
    expect(equalBytes(device().running, newImage.bytes)).toBe(true);
    expect(device().confirmed).toBe(true);
    const again = await pushImage(board, newImage, options, signal);
    expect(again).toMatchObject({ step: 'done', how: 'already-running', upload: undefined });
  });

  test('wrong integers: the old image runs again and the reason names them', async () => {
    const { board, device } = setUp({ infer: () => [1, 2] });
    const result = await pushImage(board, newImage, { selfTests, run: 1 }, signal);
    expect(result).toMatchObject({ step: 'failed', running: 'old' });
    expect(result).toHaveProperty('why', expect.stringMatching(/score 0 is 1 instead of/));
    expect(equalBytes(device().running, oldImage.bytes)).toBe(true);
    expect(device().confirmed).toBe(true);
  });

  test('an image the bootloader refuses: the old one still runs', async () => {
    const { board, device } = setUp({ refuses: (image) => equalBytes(image, newImage.bytes) });
    const result = await pushImage(board, newImage, { selfTests, run: 1 }, signal);
    expect(result).toMatchObject({
      ...{ step: 'failed', running: 'old' },
      why: 'the board does not run the new image: it is signed by another key than the one the board trusts',
    });
    expect(equalBytes(device().running, oldImage.bytes)).toBe(true);
  });

  test('an image that is reset before it is confirmed: the reason says that it had started', async () => {
    const { board, device } = setUp();
    const onStep = ({ step }: { readonly step: string }): void => {
      if (step === 'wait') device().reboot();
    };
    const result = await pushImage(board, newImage, { selfTests, run: 1, onStep }, signal);
    expect(result).toMatchObject({ step: 'failed', running: 'old' });
    expect(result).toHaveProperty('why', expect.stringMatching(/started on trial and was reset/));
  });

  test('an image that another client left on trial goes back first, and the push goes through', async () => {
    const { board, device } = setUp();
    await leaveOnTrial(board, imageOf(11));
    const steps: string[] = [];
    const onStep = ({ step }: { readonly step: string }): number => steps.push(step);
    const result = await pushImage(board, newImage, { selfTests, run: 1, onStep }, signal);
    expect(result).toMatchObject({ step: 'done', how: 'pushed' });
    expect(steps.slice(0, 4)).toEqual(['inspect', 'end-trial', 'wait-trial', 'upload']);
    expect(equalBytes(device().running, newImage.bytes)).toBe(true);
    expect(device().confirmed).toBe(true);
  });

  test('one that cannot go back is named, with what to do', async () => {
    const { board } = setUp({ keepsTrial: true });
    await leaveOnTrial(board, imageOf(11));
    const result = await pushImage(board, newImage, { selfTests, run: 1 }, signal);
    expect(result).toMatchObject({ step: 'failed', running: 'old' });
    expect(result).toHaveProperty(
      'why',
      expect.stringMatching(/runs 1\.0\.0 on trial.*Confirm it/),
    );
  });

  test('the very image, left on trial by another client, is tested and confirmed as it runs', async () => {
    const { board, device } = setUp();
    await leaveOnTrial(board, newImage);
    const result = await pushImage(board, newImage, { selfTests, run: 1 }, signal);
    expect(result).toMatchObject({ step: 'done', how: 'pushed', upload: undefined });
    expect(device().confirmed).toBe(true);
  });

  test('while the board is to come back, and only then, it counts as away', async () => {
    const { board } = setUp();
    const reported: string[] = [];
    const absence = {
      begin: (reason: string) => void reported.push(`away: ${reason}`),
      end: (reason: string) => void reported.push(`back: ${reason}`),
    };
    const onStep = ({ step }: { readonly step: string }): number => reported.push(step);
    await pushImage(board, newImage, { selfTests, run: 1, absence, onStep }, signal);
    expect(reported.slice(reported.indexOf('reset'))).toEqual([
      ...['reset', 'wait', 'away: boot', 'back: boot', 'self-test', 'confirm', 'done'],
    ]);
  });

  test('an image that hangs is never confirmed, and its watchdog brings the old one back', async () => {
    const { board, device } = setUp({ hangs: (image) => equalBytes(image, newImage.bytes) });
    const result = await pushImage(board, newImage, { selfTests, run: 1, bootMs: 300 }, signal);
    expect(result).toMatchObject({ step: 'failed', running: 'unknown' });
    device().reboot();
    expect(equalBytes(device().running, oldImage.bytes)).toBe(true);
  });

  test('a board of other people, without our group, is pushed to without a self-test', async () => {
    const { board } = setUp({ vendor: false, bufferBytes: 256, bufferCount: 1 });
    expect(await board.info(signal)).toBeUndefined();
    const result = await pushImage(board, newImage, { selfTests: [], run: 1 }, signal);
    expect(result).toMatchObject({ step: 'done', how: 'pushed' });
  });

  test('bytes dropped, flipped or doubled, one in a hundred both ways: it still completes', async () => {
    const clock = new VirtualClock();
    const image = imageOf(7, 6000);
    let fake: FakeBoard | undefined;
    const speed = { bytesPerMs: 11.52, latencyMs: 1 };
    const line = virtualLine(clock, speed, noisyLine(0.01, 7), (send) => {
      fake = new FakeBoard(oldImage.bytes, send, { bufferBytes: 4096, bufferCount: 4 });
      return fake;
    });
    const link = new BoardLink({ open: line.open, clock, heartbeatMs: 0 });
    link.start(signal);
    const result = pushImage(new Board(link, clock), image, { selfTests, run: 1 }, signal);
    expect(await clock.until(result)).toMatchObject({ step: 'done', how: 'pushed' });
    expect(equalBytes(fake?.running ?? new Uint8Array(), image.bytes)).toBe(true);
    expect(fake?.confirmed).toBe(true);
    await clock.until(link.stop());
  });
});

describe('upload', () => {
  /** What a pull may cost: the two chunks that lay on the line, each up to twice, a buffer of the board in base64. */
  const IN_FLIGHT = 4 * 1024 * 1.4;

  test('resumes after the plug was pulled at any point', async () => {
    const time = new VirtualClock();
    const whole = setUp({}, cleanLine, time);
    await time.until(uploadImage(whole.board, newImage.bytes, { sha: newImage.sha }, signal));
    const undisturbed = whole.line.carried;
    for (let at = 500; at < 27_000; at += 1999) {
      // A busy machine must not look like a line that loses replies, whose chunks are sent again.
      const clock = new VirtualClock();
      const { line, board, device } = setUp({}, cleanLine, clock);
      let pulls = 0;
      line.onCarry = (carried) => {
        if (carried < at || pulls > 0) return;
        pulls += 1;
        line.unplug();
        clock.after(20, () => line.plug());
      };
      const upload = uploadImage(board, newImage.bytes, { sha: newImage.sha }, signal);
      const report = await clock.until(upload);
      expect(report.bytes).toBe(newImage.bytes.length);
      expect(report.resumedAt).toBe(0);
      expect(pulls).toBe(1);
      expect(line.opened).toBe(2);
      // Had it begun again, it would have carried the part before the pull twice.
      expect(line.carried - undisturbed).toBeLessThan(IN_FLIGHT);
      const images = await clock.until(board.images(signal));
      expect(images.images[1]?.hash).toEqual(newImage.hash);
      expect(device().boots).toBe(1);
    }
  });

  test('goes on where an earlier run of the program stopped', async () => {
    const { line, board } = setUp();
    const first = new AbortController();
    const half = newImage.bytes.length / 2;
    const onProgress = (done: number): void => {
      if (done > half) first.abort(new Error('stopped'));
    };
    const sha = newImage.sha;
    await expect(
      uploadImage(board, newImage.bytes, { sha, onProgress }, first.signal),
    ).rejects.toThrow('stopped');
    line.unplug();
    line.plug();
    const report = await uploadImage(board, newImage.bytes, { sha }, signal);
    expect(report.resumedAt).toBeGreaterThan(half);
  });

  test('tells its progress, never beyond the end, and ends at it', async () => {
    const { board } = setUp();
    const seen: number[] = [];
    const onProgress = (done: number): number => seen.push(done);
    await uploadImage(board, newImage.bytes, { sha: newImage.sha, onProgress }, signal);
    expect(seen.at(-1)).toBe(newImage.bytes.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});
