import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeBoard, type FakeBoardOptions } from '../../test/fakes/board.ts';
import { FakeLine } from '../../test/fakes/line.ts';
import { PtyDevice } from '../../test/fakes/pty.ts';
import { VirtualClock } from '../../test/fakes/virtual-time.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { Board } from './board.ts';
import { BoardLink, type BoardLinkState } from './link.ts';
import type { OpenPort } from './port.ts';
import { serialPort } from './serial.ts';

const signal = new AbortController().signal;
const image = new Uint8Array(64);
let folder = '';
const cleanUp: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otolith-link-'));
});
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act();
  await rm(folder, { recursive: true });
});

async function plugIn(): Promise<{ readonly path: string; readonly device: PtyDevice }> {
  const device = new PtyDevice();
  cleanUp.push(() => device.stop());
  return { device, path: await device.start((send) => new FakeBoard(image, send)) };
}

function linkTo(
  options: Omit<ConstructorParameters<typeof BoardLink>[0], 'clock'>,
  clock: Clock = systemClock,
): Board {
  const link = new BoardLink({ ...options, clock });
  link.start(signal);
  cleanUp.push(() => (clock instanceof VirtualClock ? clock.until(link.stop()) : link.stop()));
  return new Board(link, clock);
}

describe('a serial port', () => {
  test('is followed by its lasting name when it comes back under another number', async () => {
    const byId = join(folder, 'usb-board');
    const first = await plugIn();
    await symlink(first.path, byId);
    const board = linkTo({ open: serialPort(byId), heartbeatMs: 0 });
    expect(await board.echo('one', signal)).toEqual({ type: 'done', value: 'one' });
    // Made while the first is still there, so that the number differs.
    const second = await plugIn();
    expect(second.path).not.toBe(first.path);
    await rm(byId);
    await first.device.stop();
    await symlink(second.path, byId);
    expect(await board.echo('two', signal)).toEqual({ type: 'done', value: 'two' });
  });

  test('has one owner, and the second is told who that is', async () => {
    const { path } = await plugIn();
    const open = serialPort(path);
    const port = await open(signal);
    await expect(open(signal)).rejects.toMatchObject({
      code: 'port-busy',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    const second = linkTo({ open, firstOpenMs: 0 });
    await expect(second.images(signal)).rejects.toMatchObject({
      code: 'port-busy',
      message: expect.not.stringContaining('not there'),
    });
    await port.close();
    const again = await open(signal);
    await again.close();
  });

  test('that is not there is named, with what to do', async () => {
    await expect(serialPort(join(folder, 'none'))(signal)).rejects.toMatchObject({
      code: 'port-gone',
    });
  });
});

describe('a board that comes back', () => {
  /** A plug whose device is another after each pull. */
  function plugOf(devices: readonly FakeBoardOptions[]) {
    let at = 0;
    const boards: FakeBoard[] = [];
    const lines = devices.map(
      (options) =>
        new FakeLine((send) => {
          const board = new FakeBoard(image, send, options);
          boards.push(board);
          return board;
        }),
    );
    const clock = new VirtualClock();
    const open: OpenPort = (abort) => {
      const line = lines[Math.min(at, lines.length - 1)];
      if (line === undefined) throw new Error('no line');
      return line.open(abort);
    };
    const swap = (): void => {
      const line = lines[at];
      at += 1;
      line?.unplug();
    };
    return { open, swap, boards, clock };
  }

  test.each([
    ['a serial number of its own', { serial: '1234' }, /serial number 1234, not 00ff/],
    ['another kind', { kind: 'other' }, /a other, not the fake of before/],
    ['no otolith group', { vendor: false }, /does not say who it is/],
  ])('with %s is another: it is reported, and asked nothing else', async (_, other, words) => {
    const { open, swap, boards, clock } = plugOf([{}, other]);
    const board = linkTo({ open, heartbeatMs: 0, reopenMs: 600 }, clock);
    await clock.until(board.info(signal));
    swap();
    await expect(clock.until(board.reset(signal))).rejects.toMatchObject({
      code: 'board-other',
      message: expect.stringMatching(words),
    });
    expect(boards[1]?.boots).toBe(1);
  });

  test('is taken when it is the same, also with firmware that tells more of it', async () => {
    const { open, swap, clock } = plugOf([{ serial: '' }, { serial: 'aa' }, {}]);
    const board = linkTo({ open, heartbeatMs: 0, reopenMs: 600 }, clock);
    await clock.until(board.info(signal));
    swap();
    expect(await clock.until(board.info(signal))).toMatchObject({ sn: 'aa' });
    swap();
    await expect(clock.until(board.images(signal))).rejects.toThrow(/serial number 00ff, not aa/);
  });

  test('is taken again after another had been there', async () => {
    const { open, swap, clock } = plugOf([{}, { serial: '1234' }, {}]);
    const board = linkTo({ open, heartbeatMs: 0 }, clock);
    await clock.until(board.info(signal));
    swap();
    clock.after(300, swap);
    expect(await clock.until(board.info(signal))).toMatchObject({ sn: '00ff' });
  });

  test('of another maker is taken as it is: it never said who it was', async () => {
    const { open, swap, clock } = plugOf([{ vendor: false }, { vendor: false }]);
    const board = linkTo({ open, heartbeatMs: 0 }, clock);
    expect(await clock.until(board.info(signal))).toBeUndefined();
    swap();
    expect((await clock.until(board.images(signal))).images).toHaveLength(1);
  });
});

describe('a link', () => {
  test('notices a board that fell silent without its port closing, and opens the port again', async () => {
    const clock = new VirtualClock();
    let deaf = false;
    const line = new FakeLine((send) => {
      const board = new FakeBoard(image, send);
      return { receive: (bytes) => (deaf ? undefined : board.receive(bytes)) };
    });
    const states: BoardLinkState['type'][] = [];
    const again = new Promise<void>((resolve) => {
      const onState = ({ type }: BoardLinkState): void => {
        states.push(type);
        if (type === 'up') deaf = true;
        if (states.filter((state) => state === 'up').length === 2) resolve();
      };
      const open = { open: line.open, onState };
      linkTo({ ...open, heartbeatMs: 100, heartbeatPatienceMs: 500 }, clock);
    });
    await clock.until(again);
    expect(states).toEqual(['up', 'down', 'up']);
    expect(line.opened).toBe(2);
    expect(clock.now()).toBeLessThan(2000);
  });

  test('tells why there is no board when none comes in time', async () => {
    const open = async () => {
      throw new Error('no such device');
    };
    const clock = new VirtualClock();
    const board = linkTo({ open, reopenMs: 300 }, clock);
    await expect(clock.until(board.images(signal))).rejects.toMatchObject({
      code: 'board-lost',
      message: expect.stringContaining('no such device'),
    });
  });

  test('ends a call with the caller', async () => {
    const clock = new VirtualClock();
    const board = linkTo({ open: new FakeLine(() => ({ receive: () => {} })).open }, clock);
    const caller = new AbortController();
    clock.after(50, () => caller.abort(new Error('enough')));
    await expect(clock.until(board.images(caller.signal))).rejects.toThrow('enough');
  });

  test('prepares once what opening needs, however often it opens, and says at once what fails there', async () => {
    const clock = new VirtualClock();
    const acts: string[] = [];
    const line = new FakeLine((send) => new FakeBoard(image, send));
    const prepare = async () => void acts.push('prepare');
    const open: OpenPort = async (abort) => {
      acts.push('open');
      if (acts.length < 4) throw new Error('not yet');
      return line.open(abort);
    };
    const board = linkTo({ open, prepare, heartbeatMs: 0 }, clock);
    expect((await clock.until(board.images(signal))).images).toHaveLength(1);
    expect(acts).toEqual(['prepare', 'open', 'open', 'open']);
    const missing = new UserError('tool-missing', 'no compiler');
    const unprepared = linkTo({ open, prepare: () => Promise.reject(missing) }, clock);
    await expect(clock.until(unprepared.images(signal))).rejects.toBe(missing);
    expect(acts).toHaveLength(4);
  });
});
