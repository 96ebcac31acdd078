const MOST_ROUND_TRIPS = 16;

/** How long to wait for a reply, learned from the replies so far (RFC 6298, with bounds fit for a serial line). */
export class RoundTrip {
  readonly #min: number;
  readonly #max: number;
  #smoothed: number | undefined;
  #variation = 0;
  #learned = 0;
  #timeout: number;

  /** Bounds and the first guess, in ms. */
  constructor(bounds: { readonly min: number; readonly first: number; readonly max: number }) {
    this.#min = bounds.min;
    this.#max = bounds.max;
    this.#timeout = bounds.first;
  }

  get timeoutMs(): number {
    return this.#timeout;
  }

  /** A reply came after `ms`. */
  heard(ms: number): void {
    if (this.#smoothed === undefined) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
    }
    this.#learned = this.#smoothed + 4 * this.#variation;
    this.#timeout = this.#clamp(this.#learned);
  }

  /** No reply came. A serial line has no congestion to relieve, so patience grows only to a few round trips. */
  missed(): void {
    const most = this.#smoothed === undefined ? this.#max : MOST_ROUND_TRIPS * this.#smoothed;
    this.#timeout = this.#clamp(Math.min(this.#timeout * 1.5, Math.max(most, this.#learned)));
  }

  #clamp(ms: number): number {
    return Math.min(this.#max, Math.max(this.#min, ms));
  }
}
