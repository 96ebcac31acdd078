import type { AudioEvent } from './source.ts';

/** Losses are reported once, then summed up this often. */
const REPORTED_EVERY_MS = 60_000;
/** More losses than this within `FLOOD_MS` leave no window whole: then windows with holes beat none at all. */
const FLOOD = 10;
const FLOOD_MS = 10_000;

/** Counts lost samples, reports them in few lines, and cuts windows there unless none would be left. */
export class Overruns {
  readonly #monotonic: () => number;
  #total = 0;
  #unreported = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #recent: readonly { readonly at: number; readonly times: number }[] = [];

  /** `monotonic`: ms that never jump. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  get total(): number {
    return this.#total;
  }

  /** A sentence for people while samples are lost again and again; undefined else. */
  get warning(): string | undefined {
    return this.#isFlood(this.#monotonic())
      ? 'samples are lost again and again, so windows have holes: the machine is too slow or the device is faulty'
      : undefined;
  }

  /** Samples were lost so many times: the gap that this makes, with a reason when it is time to report it. */
  *gap(times: number): Generator<AudioEvent> {
    const now = this.#monotonic();
    this.#total += times;
    this.#unreported += times;
    const kept = this.#recent.filter(({ at }) => now - at < FLOOD_MS).slice(-FLOOD);
    this.#recent = [...kept, { at: now, times }];
    const isDue = now - this.#reportedAt >= REPORTED_EVERY_MS;
    if (this.#isFlood(now) && !isDue) return;
    if (!isDue) {
      yield { kind: 'gap' };
      return;
    }
    const lost =
      this.#unreported === 1 ? 'samples were lost' : `samples were lost ${this.#unreported} times`;
    this.#reportedAt = now;
    this.#unreported = 0;
    yield { kind: 'gap', reason: `${lost} (overrun)` };
  }

  #isFlood(now: number): boolean {
    const recent = this.#recent.filter(({ at }) => now - at < FLOOD_MS);
    return recent.reduce((sum, { times }) => sum + times, 0) > FLOOD;
  }
}
