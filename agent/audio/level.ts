export interface LevelOptions {
  readonly sampleRate: number;
  readonly silenceAfterMs: number;
  /** RMS about the mean, in dB of full scale. */
  readonly silenceLevel: number;
}

/** What the last seconds were. `sound`: this very second was neither quiet nor flat. */
export type Level = 'sound' | 'short pause' | 'silent' | 'flat';

/** Seconds of one and the same value after which a converter counts as dead. */
const FLAT_SECONDS = 10;

/** Judges second by second whether what comes is sound, silence (a constant offset counts as none), or one value. */
export class LevelMeter {
  readonly #options: LevelOptions;
  #count = 0;
  #sum = 0;
  #power = 0;
  #low = 32767;
  #high = -32768;
  #quietSeconds = 0;
  #flatSeconds = 0;

  constructor(options: LevelOptions) {
    this.#options = options;
  }

  /** Takes samples; gives the level whenever another second is full. */
  push(samples: Int16Array): Level | undefined {
    let level: Level | undefined;
    for (const x of samples) {
      this.#sum += x;
      this.#power += x * x;
      if (x < this.#low) this.#low = x;
      if (x > this.#high) this.#high = x;
      if (++this.#count === this.#options.sampleRate) level = this.#second();
    }
    return level;
  }

  #second(): Level {
    const mean = this.#sum / this.#count;
    const power = Math.max(0, this.#power / this.#count - mean * mean);
    const decibels = 10 * Math.log10(power / 32768 ** 2 + 1e-30);
    this.#quietSeconds = decibels < this.#options.silenceLevel ? this.#quietSeconds + 1 : 0;
    this.#flatSeconds = this.#low === this.#high ? this.#flatSeconds + 1 : 0;
    this.#count = 0;
    this.#sum = 0;
    this.#power = 0;
    this.#low = 32767;
    this.#high = -32768;
    if (this.#flatSeconds >= FLAT_SECONDS) return 'flat';
    if (this.#quietSeconds * 1000 >= this.#options.silenceAfterMs) return 'silent';
    return this.#quietSeconds + this.#flatSeconds === 0 ? 'sound' : 'short pause';
  }
}
