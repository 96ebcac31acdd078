/** Windows over which agreement and latency are published. */
const RECENT = 100;

/** The last so many values of something. */
export class Recent<T> {
  readonly #limit: number;
  readonly #values: T[] = [];

  constructor(limit = RECENT) {
    this.#limit = limit;
  }

  push(value: T): void {
    this.#values.push(value);
    if (this.#values.length > this.#limit) this.#values.shift();
  }

  get values(): readonly T[] {
    return this.#values;
  }
}

/** Median and 95th percentile (nearest rank) of the last values. */
export function spread(values: readonly number[]): { median: number; p95: number; of: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { median: rank(0.5), p95: rank(0.95), of: sorted.length };
}
