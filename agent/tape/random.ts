/**
 * Random numbers of a training: sfc32 (C. Doty-Humphrey, PractRand), seeded by any list of integers, so that a batch's
 * numbers depend on seed, epoch and batch alone and a resumed training draws what an uninterrupted one would have.
 */
export class TrainingRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(...key: readonly number[]) {
    let hash = 0x9e3779b9;
    for (const word of key) hash = Math.imul(hash ^ (word | 0), 0x85ebca6b) ^ (hash >>> 13);
    this.#a = hash;
    this.#b = Math.imul(hash, 0xc2b2ae35) ^ 0x27d4eb2f;
    this.#c = Math.imul(hash, 0x165667b1) ^ (hash >>> 16);
    for (let i = 0; i < 16; i++) this.uint32();
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** Uniform in [from, to). */
  uniform(from = 0, to = 1): number {
    return from + (to - from) * (this.uint32() / 2 ** 32);
  }

  /** Uniform integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
