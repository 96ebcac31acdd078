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

/**
 * log2 of each band's energy in steps of 1/256: [frames][bands]. `tables` may come from a model's tensors; samples are
 * int16.
 */
export function logMelQ8(samples: ArrayLike<number>, tables: MelTables): Int32Array<ArrayBuffer> {
  const { frame, hop, bands } = tables;
  const frames = Math.floor((samples.length - frame) / hop) + 1;
  const out = new Int32Array(frames * bands);
  const re = new Float64Array(frame);
  const im = new Float64Array(frame);
  for (let f = 0; f < frames; f++) {
    for (let i = 0; i < frame; i++) {
      const x = (samples[f * hop + i] ?? 0) * (tables.window[i] ?? 0);
      const to = bitReverse(i, frame);
      re[to] = Math.floor((x + ONE / 2) / ONE);
      im[to] = 0;
    }
    fourier(re, im, tables.twiddle);
    const energy = bandEnergies(re, im, tables);
    for (let b = 0; b < bands; b++) out[f * bands + b] = log2Q8(energy[b] ?? 0n);
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
    for (let start = 0; start < n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [a, b] = [start + k, start + k + half];
        const [wr, wi] = [twiddle[2 * k * stride] ?? 0, twiddle[2 * k * stride + 1] ?? 0];
        const [xr, xi, yr, yi] = [re[a] ?? 0, im[a] ?? 0, re[b] ?? 0, im[b] ?? 0];
        const tr = Math.floor((yr * wr - yi * wi + ONE / 2) / ONE);
        const ti = Math.floor((yr * wi + yi * wr + ONE / 2) / ONE);
        re[a] = xr + tr;
        im[a] = xi + ti;
        re[b] = xr - tr;
        im[b] = xi - ti;
      }
    }
  }
}

function bandEnergies(re: Float64Array, im: Float64Array, tables: MelTables): readonly bigint[] {
  const { band, weight, bands } = tables;
  const energy = new Array<bigint>(bands).fill(0n);
  for (let k = 0; k < band.length; k++) {
    // Below 2^51, so exact.
    const power = BigInt(Math.floor(((re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2) / 256));
    const rising = band[k] ?? 0;
    const share = BigInt(weight[k] ?? 0);
    if (rising < bands) energy[rising] = (energy[rising] ?? 0n) + power * share;
    if (rising > 0) energy[rising - 1] = (energy[rising - 1] ?? 0n) + power * (BigInt(ONE) - share);
  }
  return energy;
}

/** floor(256 * log2(v)) to eight binary digits by repeated squaring; 0 for 0. */
function log2Q8(v: bigint): number {
  if (v === 0n) return 0;
  const exponent = v.toString(2).length - 1;
  let mantissa = exponent >= 31 ? v >> BigInt(exponent - 31) : v << BigInt(31 - exponent);
  let digits = 0;
  for (let i = 0; i < 8; i++) {
    mantissa = (mantissa * mantissa) >> 31n;
    digits <<= 1;
    if (mantissa >= 1n << 32n) {
      mantissa >>= 1n;
      digits |= 1;
    }
  }
  return exponent * 256 + digits;
}
