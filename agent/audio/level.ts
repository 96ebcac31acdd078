import type { AudioState } from './source.ts';

export interface LevelOptions {
  readonly sampleRate: number;
  readonly silenceAfterMs: number;
  /** RMS in dB of full scale. */
  readonly silenceLevel: number;
}

/** Seconds of one and the same value after which a converter counts as dead. */
const FLAT_SECONDS = 10;

/** Judges second by second whether what comes is sound, silence, or one and the same value. */
export class LevelMeter {
  readonly #options: LevelOptions;
  #count = 0;
  #power = 0;
  #low = 32767;
  #high = -32768;
  #quietSeconds = 0;
  #flatSeconds = 0;

  constructor(options: LevelOptions) {
    this.#options = options;
  }

  /** Takes samples; gives the state whenever another second is full. */
  push(samples: Int16Array): Extract<AudioState, 'online' | 'silent' | 'flat'> | undefined {
    let verdict: ReturnType<LevelMeter['push']>;
    for (const x of samples) {
      this.#power += x * x;
      if (x < this.#low) this.#low = x;
      if (x > this.#high) this.#high = x;
      if (++this.#count === this.#options.sampleRate) verdict = this.#second();
    }
    return verdict;
  }

  #second(): ReturnType<LevelMeter['push']> {
    const decibels = 10 * Math.log10(this.#power / this.#count / 32768 ** 2 + 1e-30);
    this.#quietSeconds = decibels < this.#options.silenceLevel ? this.#quietSeconds + 1 : 0;
    this.#flatSeconds = this.#low === this.#high ? this.#flatSeconds + 1 : 0;
    this.#count = 0;
    this.#power = 0;
    this.#low = 32767;
    this.#high = -32768;
    if (this.#flatSeconds >= FLAT_SECONDS) return 'flat';
    return this.#quietSeconds * 1000 >= this.#options.silenceAfterMs ? 'silent' : 'online';
  }
}
