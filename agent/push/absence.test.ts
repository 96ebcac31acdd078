import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { Absence } from './absence.ts';

/** A clock that goes on by a second whenever it is told. */
function steppedClock(): Clock & { readonly second: () => Promise<void> } {
  let now = 0;
  let wake: () => void = () => {};
  return {
    now: () => now,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        wake = resolve;
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    second: async () => {
      now += 1000;
      wake();
      await new Promise(setImmediate);
    },
  };
}

test('seconds are reported while any reason lasts, from the first on, and no more afterwards', async () => {
  const clock = steppedClock();
  const reported: number[] = [];
  const absence = new Absence(clock, (seconds) => reported.push(seconds));
  absence.begin('boot');
  await clock.second();
  absence.begin('port');
  absence.begin('port');
  await clock.second();
  absence.end('port');
  await clock.second();
  absence.end('boot');
  await clock.second();
  expect(reported).toEqual([1, 2, 3]);
  absence.begin('port');
  await clock.second();
  absence.stop();
  await clock.second();
  expect(reported).toEqual([1, 2, 3, 1]);
});
