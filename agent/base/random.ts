/** Deterministic numbers for tests and random-weight models: mulberry32, the same on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** Uniform integer from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + (this.uint32() % (max - min + 1));
  }

  chance(p: number): boolean {
    return this.uint32() < p * 2 ** 32;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(0, items.length - 1)] ?? items[0];
  }
}

/** A window of random samples: loud, quiet or clipped stretches, so that every range is met. */
export function randomSamples(random: Random, count: number): Int16Array {
  const out = new Int16Array(count);
  let shift = 0;
  for (let i = 0; i < count; i++) {
    if (i % 97 === 0) shift = random.int(0, 12);
    const v = random.int(-65536, 65535) >> shift;
    out[i] = Math.min(32767, Math.max(-32768, v));
  }
  return out;
}
