import { setTimeout as sleep } from 'node:timers/promises';

/** Time as code that waits sees it; tests give one that stands still until told. */
export interface Clock {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Resolves after `ms`; rejects with the abort reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {
      throw signal?.reason;
    }),
};
