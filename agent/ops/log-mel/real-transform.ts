/**
 * Fourier transform of real frames in integers (firmware/SPEC.md, "logMel"): N samples as N / 2 complex numbers, then
 * split into bins 0 to N / 2, each 2^10 / N times the real transform's.
 */
export interface RealTransform {
  /** Bins of the frame that was transformed last, below 2^25; above the middle, conjugated. [frame / 2 + 1] */
  readonly re: Int32Array;
  readonly im: Int32Array;
  /** Transforms the frame that begins at sample `from`. */
  transform(samples: ArrayLike<number>, from: number): void;
}

interface FourierStage {
  readonly half: number;
  /** 1, and 2 in the last stage: what the other summand is shifted by. */
  readonly shift: number;
  /** Factors, times 2^-shift. */
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** `window`: Q14 [frame]; `twiddle`: Q15 cosine and negated sine of 2 pi j / frame, [frame / 4 + 1][2]. */
export function realTransform(window: Int16Array, twiddle: Int16Array): RealTransform {
  const size = window.length / 2;
  const re = new Int32Array(size + 1);
  const im = new Int32Array(size + 1);
  const stages = stagesOf(size, twiddle);
  const order = Uint16Array.from({ length: size }, (_, i) => bitReverse(i, size));
  return {
    re,
    im,
    transform(samples, from) {
      for (let i = 0; i < size; i++) {
        const at = 2 * (order[i] as number);
        re[i] = (samples[from + at] as number) * (window[at] as number);
        im[i] = (samples[from + at + 1] as number) * (window[at + 1] as number);
      }
      firstStages(re, im, size);
      for (const stage of stages) butterflies(re, im, size, stage);
      split(re, im, size, twiddle);
    },
  };
}

/** Index `i` of `n` (a power of two) with its binary digits reversed. */
function bitReverse(i: number, n: number): number {
  let out = 0;
  for (let bit = 1, from = i; bit < n; bit <<= 1, from >>= 1) out = (out << 1) | (from & 1);
  return out;
}

/** The stages from the third on. The upper half of a stage's factors is -i times the lower half. */
function stagesOf(size: number, twiddle: Int16Array): readonly FourierStage[] {
  const stages: FourierStage[] = [];
  for (let half = 4; half < size; half *= 2) {
    const shift = 2 * half === size ? 2 : 1;
    const factor = (k: number, part: 0 | 1): number =>
      (twiddle[2 * k * (size / half) + part] as number) / 2 ** (15 + shift);
    const quarter = half / 2;
    const re = Float64Array.from({ length: half }, (_, k) =>
      k < quarter ? factor(k, 0) : factor(k - quarter, 1),
    );
    const im = Float64Array.from({ length: half }, (_, k) =>
      k < quarter ? factor(k, 1) : -factor(k - quarter, 0),
    );
    stages.push({ half, shift, re, im });
  }
  return stages;
}

/** Stages 1 and 2, whose factors are 1 and -i. */
function firstStages(re: Int32Array, im: Int32Array, size: number): void {
  for (let i = 0; i < size; i += 4) {
    const [ar, ai] = [re[i] as number, im[i] as number];
    const [br, bi] = [re[i + 1] as number, im[i + 1] as number];
    const [cr, ci] = [re[i + 2] as number, im[i + 2] as number];
    const [dr, di] = [re[i + 3] as number, im[i + 3] as number];
    re[i] = ar + br + (cr + dr);
    im[i] = ai + bi + (ci + di);
    re[i + 1] = ar - br + (ci - di);
    im[i + 1] = ai - bi - (cr - dr);
    re[i + 2] = ar + br - (cr + dr);
    im[i + 2] = ai + bi - (ci + di);
    re[i + 3] = ar - br - (ci - di);
    im[i + 3] = ai - bi + (cr - dr);
  }
}

/** Products are exact in doubles; integers of 32 bits, as boards have them, hold what is kept. */
function butterflies(re: Int32Array, im: Int32Array, size: number, stage: FourierStage): void {
  const { half, shift, re: wr, im: wi } = stage;
  for (let block = 0; block < size; block += 2 * half) {
    for (let k = 0; k < half; k++) {
      const a = block + k;
      const b = a + half;
      const cos = wr[k] as number;
      const sin = wi[k] as number;
      const yr = re[b] as number;
      const yi = im[b] as number;
      const tr = (Math.floor(yr * cos + 0.5) + Math.floor(0.5 - yi * sin)) | 0;
      const ti = (Math.floor(yr * sin + 0.5) + Math.floor(yi * cos + 0.5)) | 0;
      const xr = (re[a] as number) >> shift;
      const xi = (im[a] as number) >> shift;
      re[a] = xr + tr;
      im[a] = xi + ti;
      re[b] = xr - tr;
      im[b] = xi - ti;
    }
  }
}

/** Complex transform -> bins of the real one, in place. */
function split(re: Int32Array, im: Int32Array, size: number, twiddle: Int16Array): void {
  re[size] = re[0] as number;
  im[size] = im[0] as number;
  for (let k = 0; 2 * k <= size; k++) {
    const mirror = size - k;
    const [ar, ai] = [re[k] as number, im[k] as number];
    const [br, bi] = [re[mirror] as number, im[mirror] as number];
    const wr = (twiddle[2 * k] as number) / SPLIT_ONE;
    const wi = (twiddle[2 * k + 1] as number) / SPLIT_ONE;
    const xr = (ar + br) >> 7;
    const xi = (ai - bi) >> 7;
    const p = ai + bi;
    const q = ar - br;
    const tr = (Math.floor(p * wr + 0.5) + Math.floor(q * wi + 0.5)) | 0;
    const ti = (Math.floor(p * wi + 0.5) + Math.floor(0.5 - q * wr)) | 0;
    re[mirror] = xr - tr;
    im[mirror] = xi - ti;
    re[k] = xr + tr;
    im[k] = xi + ti;
  }
}

const SPLIT_ONE = 2 ** 22;
