import { clamp } from './arithmetic.ts';

/**
 * Log-mel spectrogram in integers (firmware/SPEC.md, "logMel"): the numbers a deployed network reads, and so the ones
 * it should be trained on.
 */
export interface MelTables {
  /** Samples of one frame, a power of two. */
  readonly frame: number;
  readonly hop: number;
  readonly bands: number;
  /** Q15 window, [frame]. */
  readonly window: Int16Array;
  /** Q15 cosine and negated sine of 2 pi k / frame, [frame / 2][2]. */
  readonly twiddle: Int16Array;
  /** Per bin, the band whose filter rises there; the band before it falls. [frame / 2 + 1], 0 to bands. */
  readonly band: Int16Array;
  /** Per bin, Q15 share of the rising band. */
  readonly weight: Int16Array;
}

export interface MelOptions {
  readonly sampleRate: number;
  readonly frame: number;
  readonly hop: number;
  readonly bands: number;
  /** Hz; 0 and half the sample rate if absent. */
  readonly low?: number;
  readonly high?: number;
}

const ONE = 32768;
const q15 = (v: number): number => Math.max(-ONE, Math.min(ONE - 1, Math.round(v * ONE)));

/** HTK's mel scale. */
const toMel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);

/** Tables of a Hann window and triangular filters that are equally wide on the mel scale and add up to one. */
export function melTables(options: MelOptions): MelTables {
  const { sampleRate, frame, hop, bands, low = 0, high = sampleRate / 2 } = options;
  const window = Int16Array.from({ length: frame }, (_, i) =>
    q15(0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame)),
  );
  const twiddle = new Int16Array(frame);
  for (let k = 0; k < frame / 2; k++) {
    twiddle[2 * k] = q15(Math.cos((2 * Math.PI * k) / frame));
    twiddle[2 * k + 1] = q15(-Math.sin((2 * Math.PI * k) / frame));
  }
  const bins = frame / 2 + 1;
  const band = new Int16Array(bins);
  const weight = new Int16Array(bins);
  const step = (toMel(high) - toMel(low)) / (bands + 1);
  for (let k = 0; k < bins; k++) {
    const position = (toMel((k * sampleRate) / frame) - toMel(low)) / step;
    // Outside the filters a bin rises to band 0 from nothing, or falls from the last band to nothing, with weight 0.
    const at = Math.max(0, Math.min(bands, Math.floor(position)));
    const share = position < 0 ? 0 : Math.min(1, position - at);
    band[k] = at;
    weight[k] = q15(share);
  }
  return { frame, hop, bands, window, twiddle, band, weight };
}

/** From log2 in steps of 1/256 to the int8 map of a logMel layer: its zero point stands for `offset + 0`. */
export interface MelRange {
  readonly offset: number;
  /** int8 steps per 1/256 octave, times 2^16. */
  readonly multiplier: number;
  readonly zeroPoint: number;
  /** Real value of one int8 step. */
  readonly scale: number;
}

/**
 * The range of networks that are trained here: 32 octaves of energy in steps of 1/8 (0.4 dB), from noise of five steps
 * of an int16 sample to full scale. It is fixed before the training, so that what is learnt from is what the board
 * computes, to the bit, and 0, which padding gives, is the middle.
 */
export const MEL_RANGE: MelRange = { offset: 9216, multiplier: 2048, zeroPoint: 0, scale: 1 / 32 };

/** int8 values of a logMel layer. */
export function logMelInt8(
  samples: ArrayLike<number>,
  tables: MelTables,
  { offset, multiplier, zeroPoint }: Omit<MelRange, 'scale'>,
): Int32Array<ArrayBuffer> {
  return logMelQ8(samples, tables).map((v) =>
    clamp(zeroPoint + (((v - offset) * multiplier + 32768) >> 16), -128, 127),
  );
}

/**
 * log2 of each band's energy in steps of 1/256: [frames][bands]. `tables` may come from a model's tensors; samples are
 * int16. Whole numbers beyond 32 bits are kept exact in doubles: trainings run it on every window.
 */
export function logMelQ8(samples: ArrayLike<number>, tables: MelTables): Int32Array<ArrayBuffer> {
  const { frame, hop, bands, window } = tables;
  const frames = Math.floor((samples.length - frame) / hop) + 1;
  const out = new Int32Array(frames * bands);
  const re = new Float64Array(frame);
  const im = new Float64Array(frame);
  const energy = { high: new Float64Array(bands), low: new Float64Array(bands) };
  const order = Uint16Array.from({ length: frame }, (_, i) => bitReverse(i, frame));
  for (let f = 0; f < frames; f++) {
    for (let i = 0; i < frame; i++) {
      const x = (samples[f * hop + i] as number) * (window[i] as number);
      re[order[i] as number] = (x + ONE / 2) >> 15;
    }
    im.fill(0);
    fourier(re, im, tables.twiddle);
    bandEnergies(re, im, tables, energy);
    for (let b = 0; b < bands; b++) {
      out[f * bands + b] = log2Q8(energy.high[b] as number, energy.low[b] as number);
    }
  }
  return out;
}

/** Index `i` of `n` (a power of two) with its binary digits reversed. */
function bitReverse(i: number, n: number): number {
  let out = 0;
  for (let bit = 1, from = i; bit < n; bit <<= 1, from >>= 1) out = (out << 1) | (from & 1);
  return out;
}

/** Radix-2 decimation in time on integers; products are rounded to nearest, nothing is scaled. */
function fourier(re: Float64Array, im: Float64Array, twiddle: Int16Array): void {
  const n = re.length;
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let k = 0; k < half; k++) {
      const wr = twiddle[2 * k * stride] as number;
      const wi = twiddle[2 * k * stride + 1] as number;
      for (let a = k; a < n; a += 2 * half) {
        const b = a + half;
        const xr = re[a] as number;
        const xi = im[a] as number;
        const yr = re[b] as number;
        const yi = im[b] as number;
        const tr = Math.floor((yr * wr - yi * wi + ONE / 2) * (1 / ONE));
        const ti = Math.floor((yr * wi + yi * wr + ONE / 2) * (1 / ONE));
        re[a] = xr + tr;
        im[a] = xi + ti;
        re[b] = xr - tr;
        im[b] = xi - ti;
      }
    }
  }
}

/** A power is split at this bit, so that sums of its halves' products with Q15 shares are exact. */
const SPLIT = 2 ** 22;

/** Energies as high * 2^22 + low. */
interface Energies {
  readonly high: Float64Array;
  readonly low: Float64Array;
}

function bandEnergies(
  re: Float64Array,
  im: Float64Array,
  { band, weight, bands }: MelTables,
  { high, low }: Energies,
): void {
  high.fill(0);
  low.fill(0);
  for (let k = 0; k < band.length; k++) {
    // Below 2^51, so exact.
    const power = Math.floor(((re[k] as number) ** 2 + (im[k] as number) ** 2) / 256);
    const top = Math.floor(power / SPLIT);
    const bottom = power - top * SPLIT;
    const rising = band[k] as number;
    const share = weight[k] as number;
    if (rising < bands) {
      high[rising] = (high[rising] as number) + top * share;
      low[rising] = (low[rising] as number) + bottom * share;
    }
    if (rising > 0) {
      high[rising - 1] = (high[rising - 1] as number) + top * (ONE - share);
      low[rising - 1] = (low[rising - 1] as number) + bottom * (ONE - share);
    }
  }
}

/** floor(256 * log2(high * 2^22 + low)) to eight binary digits by repeated squaring; 0 for 0. */
function log2Q8(high: number, low: number): number {
  const carry = Math.floor(low / SPLIT);
  const carried = high + carry;
  const rest = low - carry * SPLIT;
  if (carried === 0 && rest === 0) return 0;
  const exponent = carried === 0 ? floorLog2(rest) : floorLog2(carried) + 22;
  // Where `carried` has the leading 32 bits, a sum with the rest might round up to the next of them.
  const below = exponent > 52 ? 0 : rest * 2 ** (31 - exponent);
  let mantissa = Math.floor(carried * 2 ** (53 - exponent) + below);
  let digits = 0;
  for (let i = 0; i < 8; i++) {
    mantissa = squared(mantissa);
    digits *= 2;
    if (mantissa >= 2 ** 32) {
      mantissa = Math.floor(mantissa / 2);
      digits++;
    }
  }
  return exponent * 256 + digits;
}

/** Exact below 2^53. */
function floorLog2(v: number): number {
  return v < 2 ** 32 ? 31 - Math.clz32(v) : 63 - Math.clz32(Math.floor(v / 2 ** 32));
}

/** (m * m) >> 31 for m below 2^32: halves of 16 bits keep every product exact. */
function squared(m: number): number {
  const high = Math.floor(m / 65536);
  const low = m - high * 65536;
  return 2 * high * high + Math.floor((high * low * 131072 + low * low) / 2147483648);
}
