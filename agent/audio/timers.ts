import { setTimeout as wait } from 'node:timers/promises';

/** What waits for time to pass; tests give one that lets it pass by order. */
export interface Timers {
  /** Resolves after so many ms, or when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Calls back every so many ms; gives a function that ends it. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

export const systemTimers: Timers = {
  sleep: async (ms, signal) => {
    await wait(ms, undefined, { signal }).catch(() => undefined);
  },
  every: (ms, callback) => {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
};
