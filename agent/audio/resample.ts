import { checkFormat } from './decode/limits.ts';

/** Zero crossings of the sinc on each side at the lower of the two rates: 80 dB of stop band with the Kaiser window below. */
const ZERO_CROSSINGS = 24;
/** Kaiser's beta for about 80 dB (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.6). */
const BETA = 7.857;
/** Share of the lower Nyquist frequency at which the transition band is centred; it ends at Nyquist itself. */
const CUTOFF = 1 - 5.02 / (2 * ZERO_CROSSINGS);

/** Samples of a whole recording that are converted at a time. */
const PORTION = 1 << 16;

/** Modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** One row of taps per output phase; every row sums to 1, so that a constant stays itself. */
interface Filter {
  readonly up: number;
  readonly down: number;
  readonly half: number;
  readonly taps: Float32Array;
}

interface Ratio {
  readonly up: number;
  readonly down: number;
}
const ZERO: Ratio = { up: 0, down: 1 };
const INFINITE: Ratio = { up: 1, down: 0 };

/** Filters kept, each of at most 8 MB: a data set has few rates, a damaged header may name any. */
const FILTERS_KEPT = 8;
const filters = new Map<string, Filter>();

function filterOf(fromHz: number, toHz: number): Filter {
  const key = `${fromHz}:${toHz}`;
  const known = filters.get(key);
  if (known !== undefined) return known;
  const filter = designFilter(fromHz, toHz);
  filters.set(key, filter);
  const [oldest] = filters.keys();
  if (filters.size > FILTERS_KEPT && oldest !== undefined) filters.delete(oldest);
  return filter;
}

/** Most output phases of a filter; all rates that are usual need fewer (11,025 Hz: 800). */
const MOST_PHASES = 2048;

/**
 * toHz / fromHz as a fraction of at most so many phases: exact where it can be, else the nearest there is, by continued
 * fractions. That is off by 0.025 % at most (beside simple ratios: 19,995 Hz), mostly by less than any clock.
 */
function ratioOf(fromHz: number, toHz: number): Ratio {
  const divisor = gcd(fromHz, toHz);
  if (toHz / divisor <= MOST_PHASES) return { up: toHz / divisor, down: fromHz / divisor };
  let [before, last] = [ZERO, INFINITE];
  for (let [x, y] = [toHz, fromHz]; ; ) {
    const whole = Math.floor(x / y);
    const most = Math.min(whole, Math.floor((MOST_PHASES - before.up) / last.up));
    const next = { up: most * last.up + before.up, down: most * last.down + before.down };
    const off = ({ up, down }: Ratio): number => Math.abs(up / down - toHz / fromHz);
    if (most < whole) return off(next) < off(last) ? next : last;
    [before, last, x, y] = [last, next, y, x % y];
  }
}

function designFilter(fromHz: number, toHz: number): Filter {
  const { up, down } = ratioOf(fromHz, toHz);
  const ratio = Math.min(1, toHz / fromHz);
  const half = Math.ceil(ZERO_CROSSINGS / ratio);
  const taps = new Float32Array(up * 2 * half);
  const row = new Float64Array(2 * half);
  for (let phase = 0; phase < up; phase++) {
    let sum = 0;
    for (let k = 0; k < row.length; k++) {
      const distance = k - half + 1 - phase / up;
      const x = Math.PI * distance * ratio * CUTOFF;
      const inside = 1 - (distance / half) ** 2;
      const value =
        (inside <= 0 ? 0 : besselI0(BETA * Math.sqrt(inside))) * (x === 0 ? 1 : Math.sin(x) / x);
      row[k] = value;
      sum += value;
    }
    for (let k = 0; k < row.length; k++) taps[phase * row.length + k] = (row[k] ?? 0) / sum;
  }
  return { up, down, half, taps };
}

/**
 * Streaming anti-aliased sample rate conversion by a rational factor (polyphase windowed sinc).
 * Feed any number of samples at a time; the outputs of a stream do not depend on how it was cut.
 */
export class Resampler {
  readonly #filter: Filter;
  readonly #same: boolean;
  readonly #ratio: number;
  #history: Float32Array;
  #position = 0;
  #phase = 0;
  #owed = 0;

  /** Rates are whole numbers of Hz, within limits. */
  constructor(fromHz: number, toHz: number) {
    checkFormat(fromHz, 1);
    this.#filter = filterOf(fromHz, toHz);
    this.#same = fromHz === toHz;
    this.#ratio = toHz / fromHz;
    this.#history = new Float32Array(this.#filter.half - 1);
  }

  /** Takes the next input samples, gives the output samples that are complete by now. */
  push(input: Float32Array): Float32Array {
    if (this.#same) return input.slice();
    this.#owed += input.length * this.#ratio;
    const joined = new Float32Array(this.#history.length + input.length);
    joined.set(this.#history);
    joined.set(input, this.#history.length);
    return this.#convolve(joined);
  }

  /** The last outputs, with silence after the end; the total is the input's length x ratio, rounded. */
  flush(): Float32Array {
    if (this.#same) return new Float32Array(0);
    const owed = Math.round(this.#owed);
    const tail = this.push(new Float32Array(this.#filter.half + this.#filter.down));
    return tail.subarray(0, Math.max(0, owed));
  }

  #convolve(samples: Float32Array): Float32Array {
    const { up, down, half, taps } = this.#filter;
    const width = 2 * half;
    const out = new Float32Array(Math.ceil((samples.length * up) / down) + 1);
    let count = 0;
    while (this.#position + width <= samples.length) {
      const row = this.#phase * width;
      let sum = 0;
      for (let k = 0; k < width; k++) {
        sum += (taps[row + k] ?? 0) * (samples[this.#position + k] ?? 0);
      }
      out[count++] = sum;
      this.#phase += down;
      this.#position += Math.floor(this.#phase / up);
      this.#phase %= up;
    }
    const used = Math.min(this.#position, samples.length);
    this.#history = samples.slice(used);
    this.#position -= used;
    this.#owed -= count;
    return out.subarray(0, count);
  }
}

/** Converts a whole recording; silence is assumed before and after it. */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  const resampler = new Resampler(fromHz, toHz);
  const out = new Float32Array(Math.round((samples.length * toHz) / fromHz));
  let length = 0;
  const take = (part: Float32Array): void => {
    // Rounding owes the last sample either to the body or to nobody.
    const room = part.subarray(0, out.length - length);
    out.set(room, length);
    length += room.length;
  };
  for (let at = 0; at < samples.length; at += PORTION) {
    take(resampler.push(samples.subarray(at, at + PORTION)));
  }
  take(resampler.flush());
  return out.subarray(0, length);
}

/** Samples in -1..1 to 16 bits, rounded to nearest and clipped. */
export function toInt16(samples: Float32Array): Int16Array {
  const out = new Int16Array(samples.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.max(-32768, Math.min(32767, Math.round((samples[i] ?? 0) * 32768)));
  }
  return out;
}
