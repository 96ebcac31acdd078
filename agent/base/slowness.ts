import { type Clock, systemClock } from './clock.ts';

/**
 * How many times longer than a PC this machine takes now for a known piece of work; 1 or more. Limits follow it: a small,
 * emulated or busy machine gets its time, and what hangs is ended all the same. Rejects as the work does.
 * @param usualMs what the work takes on a PC, ms
 */
export async function slownessAt(
  work: () => Promise<unknown>,
  usualMs: number,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<number> {
  const begun = clock.now();
  await work();
  return Math.max(1, (clock.now() - begun) / usualMs);
}
