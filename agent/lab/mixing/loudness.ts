/**
 * Loudness of a sound for between-class mixing (Tokozume et al., "Learning from Between-class Examples for Deep Sound
 * Recognition", 2018): A-weighted power of the loudest frame, in dB, at least -80.
 */
const FRAME = 2048;
const HOP = 1024;
const FLOOR = 1e-8;
const FLOOR_DB = -80;

export class Loudness {
  readonly #window = new Float64Array(FRAME);
  /** Power weight of each of the FRAME / 2 + 1 bands. */
  readonly #weights: Float64Array;
  readonly #cos = new Float64Array(FRAME / 2);
  readonly #sin = new Float64Array(FRAME / 2);
  readonly #reversed = new Uint16Array(FRAME);
  readonly #re = new Float64Array(FRAME);
  readonly #im = new Float64Array(FRAME);

  constructor(sampleRate: number) {
    for (let i = 0; i < FRAME; i++) {
      this.#window[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME);
      let bits = 0;
      for (let b = 1; b < FRAME; b <<= 1) bits = (bits << 1) | (i & b ? 1 : 0);
      this.#reversed[i] = bits;
    }
    for (let i = 0; i < FRAME / 2; i++) {
      this.#cos[i] = Math.cos((2 * Math.PI * i) / FRAME);
      this.#sin[i] = -Math.sin((2 * Math.PI * i) / FRAME);
    }
    this.#weights = Float64Array.from({ length: FRAME / 2 + 1 }, (_, k) =>
      aWeight((k * sampleRate) / FRAME),
    );
  }

  /** A-weighted power of every frame of a clip, at multiples of the hop. */
  frames(samples: Float32Array): Float64Array {
    const count = Math.max(0, Math.floor((samples.length - FRAME) / HOP) + 1);
    return Float64Array.from({ length: count }, (_, f) => this.#weightedPower(samples, f * HOP));
  }

  #weightedPower(samples: Float32Array, at: number): number {
    const re = this.#re;
    const im = this.#im;
    for (let i = 0; i < FRAME; i++) {
      const j = this.#reversed[i] ?? 0;
      re[j] = (samples[at + i] ?? 0) * (this.#window[i] ?? 0);
    }
    im.fill(0);
    this.#transform(re, im);
    let sum = 0;
    for (let k = 0; k <= FRAME / 2; k++) {
      const r = re[k] ?? 0;
      const i = im[k] ?? 0;
      sum += (r * r + i * i) * (this.#weights[k] ?? 0);
    }
    return sum;
  }

  /** Radix-2 transform in place, input in bit-reversed order. */
  #transform(re: Float64Array, im: Float64Array): void {
    for (let half = 1; half < FRAME; half *= 2) {
      const step = FRAME / 2 / half;
      for (let base = 0; base < FRAME; base += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = this.#cos[k * step] ?? 0;
          const s = this.#sin[k * step] ?? 0;
          const a = base + k;
          const b = a + half;
          const br = re[b] ?? 0;
          const bi = im[b] ?? 0;
          const tr = br * c - bi * s;
          const ti = br * s + bi * c;
          const ar = re[a] ?? 0;
          const ai = im[a] ?? 0;
          re[b] = ar - tr;
          im[b] = ai - ti;
          re[a] = ar + tr;
          im[a] = ai + ti;
        }
      }
    }
  }
}

/**
 * Loudness in dB of a stretch of a clip: its loudest frame, at least -80 dB. Frames are measured once per clip and not
 * again in each crop (the paper's program transforms every crop: half of a training's time), so frames start at
 * multiples of the hop of the clip and a time scaling of at most 25 % does not shift their spectrum.
 * @param from first sample, may lie before the clip
 * @param to one past the last
 */
export function loudestFrame(frames: Float64Array, from: number, to: number): number {
  const first = Math.max(0, Math.round(from / HOP));
  const last = Math.min(frames.length - 1, Math.round((to - FRAME) / HOP));
  let best = FLOOR;
  for (let f = first; f <= last; f++) best = Math.max(best, frames[f] ?? 0);
  return 10 * Math.log10(best);
}

/** A-weighting (IEC 61672-1) as a factor of power, at least -80 dB. */
function aWeight(hz: number): number {
  const f = hz * hz;
  const db =
    2 +
    20 *
      Math.log10(
        (12194 ** 2 * f * f) /
          ((f + 20.6 ** 2) * Math.sqrt((f + 107.7 ** 2) * (f + 737.9 ** 2)) * (f + 12194 ** 2) +
            Number.MIN_VALUE),
      );
  return 10 ** (Math.max(db, FLOOR_DB) / 10);
}
