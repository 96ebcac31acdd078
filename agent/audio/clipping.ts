/** From this magnitude on a sample counts as clipped: some converters stop a little below full scale. */
const FULL_SCALE = 32760;
/** This share of a second's samples makes it a clipped second. */
const CLIPPED_SHARE = 0.001;
/** So many clipped seconds among the last ten are a gain that is too high, not a door that slams. */
const CLIPPED_SECONDS = 3;
const REMEMBERED_SECONDS = 10;

/** Notices a gain that is too high, by samples as the converter gave them. */
export class ClippingWatch {
  readonly #rate: number;
  #count = 0;
  #clipped = 0;
  #seconds: readonly number[] = [];

  /** `rate`: samples per second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes 16-bit samples. */
  push(samples: Int16Array): void {
    for (const x of samples) {
      if (x >= FULL_SCALE || x <= -FULL_SCALE) this.#clipped++;
      if (++this.#count === this.#rate) this.#second();
    }
  }

  /** A sentence for people while the gain is too high; undefined else. */
  get warning(): string | undefined {
    const bad = this.#seconds.filter((share) => share >= CLIPPED_SHARE);
    if (bad.length < CLIPPED_SECONDS) return undefined;
    return 'clipping: samples reach full scale again and again; lower the capture gain (alsamixer)';
  }

  #second(): void {
    const share = this.#clipped / this.#count;
    this.#seconds = [...this.#seconds, share].slice(-REMEMBERED_SECONDS);
    this.#count = 0;
    this.#clipped = 0;
  }
}
