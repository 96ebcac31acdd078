import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { VirtualClock } from '../../test/fakes/virtual-time.ts';
import type { Spawn } from '../base/tools.ts';
import { startLimit } from './time-limit.ts';

/** When a tool that hangs is ended, and which limit is named; with nothing to do, the tool takes `emptyRunMs`. */
async function overAt(usualMs: number, emptyRunMs: number, code = 0) {
  const clock = new VirtualClock();
  const spawn = (() => {
    const child = new EventEmitter();
    clock.after(emptyRunMs, () => child.emit('close', code));
    return child;
  }) as unknown as Spawn;
  const over = new Promise<number>((resolve) => {
    startLimit({ tool: 'clang', usualMs, spawn, clock }, resolve);
  });
  const limitMs = await clock.until(over);
  return { limitMs, at: clock.now() };
}

it('where a tool with nothing to do is as quick as on a PC, one that hangs is ended at the usual limit', async () => {
  expect(await overAt(10_000, 20)).toEqual({ limitMs: 10_000, at: 10_020 });
});

it('where it takes ten times as long, ten times as late', async () => {
  expect(await overAt(10_000, 300)).toEqual({ limitMs: 100_000, at: 100_000 });
});

it('where it fails, at the usual limit', async () => {
  expect(await overAt(10_000, 300, 1)).toEqual({ limitMs: 10_000, at: 10_300 });
});

it('however slow, after two hours', async () => {
  expect(await overAt(180_000, 59_000)).toEqual({ limitMs: 7_200_000, at: 7_200_000 });
});

it('never where the tool came to its end before', async () => {
  const clock = new VirtualClock();
  let over = false;
  const stop = startLimit({ tool: 'clang', usualMs: 10, clock }, () => {
    over = true;
  });
  stop();
  await clock.until(clock.sleep(100_000));
  expect(over).toBe(false);
});
