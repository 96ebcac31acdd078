import type { Ended } from './mqtt-connection.ts';

/** Pauses between connections, in ms. */
export const PACE = {
  /** After a loss, doubled while no connection holds. */
  firstMs: 250,
  longestMs: 30_000,
  /** After another client took over, doubled each time it does so again. */
  crowdedFirstMs: 2000,
  crowdedLongestMs: 60_000,
  /** A connection that the broker ends before this age is brief. */
  briefMs: 10_000,
  /** From this age on, what was said of the connections before may be said again. */
  steadyMs: 10_000,
} as const;
export type Pace = { readonly [K in keyof typeof PACE]: number };

/** Brief connections in a row that look like two clients with one id. MQTT 3.1.1 cannot say it. */
const BRIEF_IS_CROWDED = 3;
/** So that two that began together part. */
const JITTER = 0.25;

/** How an attempt went: `failed` never got as far as an acknowledgement. */
export interface Attempt {
  readonly kind: Ended['kind'] | 'failed';
  readonly livedMs: number;
  /** The broker can say that another client took over (MQTT 5). */
  readonly namesTakeover: boolean;
}

/** How long to wait before the next connection. Pure bookkeeping. */
export class Backoff {
  readonly #pace: Pace;
  readonly #random: () => number;
  #next: number;
  #crowded: number;
  #brief = 0;

  constructor(pace: Pace, random: () => number) {
    this.#pace = pace;
    this.#random = random;
    this.#next = pace.firstMs;
    this.#crowded = pace.crowdedFirstMs;
  }

  /** `crowded`: another client seems to use our id. */
  after(attempt: Attempt): { readonly waitMs: number; readonly crowded: boolean } {
    const { firstMs, longestMs, crowdedFirstMs, crowdedLongestMs } = this.#pace;
    if (attempt.livedMs >= 2 * crowdedLongestMs) this.#crowded = crowdedFirstMs;
    const crowded = this.#isCrowded(attempt);
    if (attempt.kind !== 'failed') this.#next = firstMs;
    const waitMs = (crowded ? this.#crowded : this.#next) * (1 + JITTER * (2 * this.#random() - 1));
    if (crowded) this.#crowded = Math.min(2 * this.#crowded, crowdedLongestMs);
    else this.#next = Math.min(2 * this.#next, longestMs);
    return { waitMs, crowded };
  }

  #isCrowded({ kind, livedMs, namesTakeover }: Attempt): boolean {
    if (kind === 'taken-over') return true;
    // The other one comes back after a pause like ours: what it lets us live is brief.
    const brief = livedMs < Math.max(this.#pace.briefMs, 2 * this.#crowded);
    this.#brief = kind === 'closed' && !namesTakeover && brief ? this.#brief + 1 : 0;
    return this.#brief >= BRIEF_IS_CROWDED;
  }
}
