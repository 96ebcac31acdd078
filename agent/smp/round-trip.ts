/** Share of what was learned that one reply leaves. */
const KEEP = 0.95;
const KEEP_VARIATION = 0.75;
/** The variation of sizes, in bytes, from which on what is measured counts more than what is assumed. */
const TELLING_BYTES = 100;
/** Steady replies leave no variation, and yet the next one may be a little later. */
const LEAST_MARGIN = 0.15;
const LEAST_MARGIN_MS = 5;
const PER_MISS = 1.25;
/** Misses in a row that noise alone may well bring. */
const USUAL_MISSES = 8;
const MOST_ROUND_TRIPS = 16;

interface Bounds {
  readonly min: number;
  readonly first: number;
  readonly max: number;
  /** A slow line, to assume until another speed is measured. */
  readonly slowestBytesPerMs: number;
}

/**
 * How long to wait for a reply, learned from those so far: a line takes its time for a request and then for each byte
 * of it, so both are fitted, with older replies counting less; on top come four mean deviations (as in RFC 6298).
 */
export class RoundTrip {
  readonly #bounds: Bounds;
  #weight = 0;
  #bytes = 0;
  #ms = 0;
  #bytesBytes = 0;
  #bytesMs = 0;
  #variation = 0;
  #misses = 0;

  /** Bounds and the first guess, in ms. */
  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** How long to wait for the reply when `bytes` of requests lie on the line. */
  timeoutMs(bytes: number): number {
    const { min, first, max, slowestBytesPerMs } = this.#bounds;
    if (this.#weight === 0) return this.#patience(first + bytes / slowestBytesPerMs, max);
    const expected = Math.max(0, this.#expected(bytes));
    const margin = Math.max(4 * this.#variation, LEAST_MARGIN * expected, LEAST_MARGIN_MS);
    const most = Math.min(max, MOST_ROUND_TRIPS * expected);
    return this.#patience(Math.max(min, expected + margin), most);
  }

  /** A reply came after `ms`, when `bytes` of requests had lain on the line. */
  add(ms: number, bytes: number): void {
    if (this.#weight === 0) this.#variation = ms / 2;
    else {
      const off = Math.abs(ms - this.#expected(bytes));
      this.#variation = KEEP_VARIATION * this.#variation + (1 - KEEP_VARIATION) * off;
    }
    this.#weight = KEEP * this.#weight + 1;
    this.#bytes = KEEP * this.#bytes + bytes;
    this.#ms = KEEP * this.#ms + ms;
    this.#bytesBytes = KEEP * this.#bytesBytes + bytes * bytes;
    this.#bytesMs = KEEP * this.#bytesMs + bytes * ms;
    this.#misses = 0;
  }

  /** No reply came. A serial line has no congestion to relieve, but many misses in a row may be a board become slow. */
  missed(): void {
    this.#misses += 1;
  }

  /** Misses make it longer, up to `most`; what a line needs for its bytes it gets in any case. */
  #patience(ms: number, most: number): number {
    const patient = ms * PER_MISS ** Math.max(0, this.#misses - USUAL_MISSES);
    return Math.max(ms, Math.min(most, patient));
  }

  #expected(bytes: number): number {
    const mean = this.#bytes / this.#weight;
    const { measured, careful } = this.#fit();
    return this.#ms / this.#weight + (bytes > mean ? careful : measured) * (bytes - mean);
  }

  /** Milliseconds a byte: as measured, and with a slow line assumed as long as requests were much of a size. */
  #fit(): { readonly measured: number; readonly careful: number } {
    const mean = this.#bytes / this.#weight;
    const spread = Math.max(0, this.#bytesBytes / this.#weight - mean * mean);
    const together = this.#bytesMs / this.#weight - mean * (this.#ms / this.#weight);
    const doubt = TELLING_BYTES ** 2;
    const measured = Math.max(0, together / (spread + doubt));
    return {
      measured,
      careful: measured + doubt / (spread + doubt) / this.#bounds.slowestBytesPerMs,
    };
  }
}
