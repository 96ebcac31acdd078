import { systemTimers, type Timers } from '../audio/timers.ts';
import { reasonOf } from '../base/errors.ts';

export interface PersistOptions {
  readonly signal: AbortSignal;
  /** `again`: it failed for this reason before, and has not gone well in between. */
  readonly onFailure: (reason: string, again: boolean) => void;
  /** ms that never jump. */
  readonly monotonic: () => number;
  readonly sleep?: Timers['sleep'];
}

/** In ms. Work that lasted for `good` went well: what fails then is a new failure, and the pause is short again. */
const PAUSES = { first: 2000, longest: 60_000, good: 30_000 };

/**
 * Restarts work after any failure, until the signal aborts or it ends by itself: nothing that goes wrong in one
 * part of a gateway (a full disk, a device that misbehaves, a bug) may end the others.
 */
export async function persist(
  work: () => Promise<void>,
  { signal, onFailure, monotonic, sleep = systemTimers.sleep }: PersistOptions,
): Promise<void> {
  const { first, longest, good } = PAUSES;
  let pause = first;
  let last: string | undefined;
  while (!signal.aborted) {
    const began = monotonic();
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return;
      if (monotonic() - began >= good) {
        pause = first;
        last = undefined;
      }
      const reason = reasonOf(error);
      onFailure(reason, reason === last);
      last = reason;
    }
    await sleep(pause, signal);
    pause = Math.min(2 * pause, longest);
  }
}
