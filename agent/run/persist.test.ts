import { expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import { persist } from './persist.ts';

const sleep = async (): Promise<void> => {};

it('goes on after whatever fails, and says what failed before', async () => {
  const failures = [
    new UserError('x', 'no board', { hint: 'plug it in' }),
    new UserError('x', 'no board', { hint: 'plug it in' }),
    new TypeError('undefined is no function'),
    Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: '/state/cursor',
    }),
  ];
  const reported: string[] = [];
  const work = async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  const { signal } = new AbortController();
  const onFailure = (reason: string, again: boolean) =>
    reported.push(`${again ? 'again: ' : ''}${reason}`);
  await persist(work, { signal, onFailure, monotonic: () => 0, sleep });
  expect(reported).toEqual([
    'no board; plug it in',
    'again: no board; plug it in',
    'undefined is no function',
    'there is no space left for /state/cursor',
  ]);
});

it('takes a reason for a new one that comes back after things went well', async () => {
  let now = 0;
  let runs = 0;
  const reported: string[] = [];
  const work = async () => {
    now += runs === 1 ? 30_000 : 0;
    if (runs++ < 3) throw new Error('lost');
  };
  const { signal } = new AbortController();
  await persist(work, {
    signal,
    onFailure: (why, again) => reported.push(`${why} ${again}`),
    monotonic: () => now,
    sleep,
  });
  expect(reported).toEqual(['lost false', 'lost false', 'lost true']);
});

it('pauses twice as long each time, a minute at most, and briefly again after things went well', async () => {
  let now = 0;
  const stop = new AbortController();
  const pauses: number[] = [];
  await persist(
    async () => {
      if (pauses.length === 7) now += 30_000;
      throw new Error('lost');
    },
    {
      signal: stop.signal,
      onFailure: () => {},
      monotonic: () => now,
      sleep: async (ms) => {
        if (pauses.push(ms / 1000) === 9) stop.abort();
      },
    },
  );
  expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60, 2, 4]);
});

it('ends with its signal, also while it pauses', async () => {
  const stop = new AbortController();
  const running = persist(() => Promise.reject(new Error('never')), {
    signal: stop.signal,
    onFailure: () => setImmediate(() => stop.abort()),
    monotonic: () => 0,
  });
  await running;
});
