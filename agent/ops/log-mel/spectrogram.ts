import { clamp } from '../arithmetic.ts';
import { realTransform } from './real-transform.ts';
import { type MelRange, type MelTables, ONE } from './tables.ts';

/**
 * Log-mel spectrogram in integers (firmware/SPEC.md, "logMel"): the numbers that a deployed network reads, and so the
 * ones that it should be trained on.
 */

/** Spectrogram of a window of int16 samples: [frames][bands]. It keeps nothing of one window for the next. */
export type Spectrogram = (samples: ArrayLike<number>) => Int32Array<ArrayBuffer>;

/** int8 values of a logMel layer. */
export function logMelInt8(
  tables: MelTables,
  { offset, multiplier, zeroPoint }: Omit<MelRange, 'scale'>,
): Spectrogram {
  const levels = logMelQ8(tables);
  return (samples) => {
    const out = levels(samples);
    for (let i = 0; i < out.length; i++) {
      const v = ((out[i] as number) - offset) * multiplier;
      out[i] = clamp(zeroPoint + ((v + 32768) >> 16), -128, 127);
    }
    return out;
  };
}

/**
 * log2 of each band's energy in steps of 1/256. `tables` may come from a model's tensors. Whole numbers beyond 32 bits
 * are kept exact in doubles: trainings run it on every window.
 */
export function logMelQ8(tables: MelTables): Spectrogram {
  const { frame, hop, bands } = tables;
  const { re, im, transform } = realTransform(tables.window, tables.twiddle);
  return (samples) => {
    const frames = Math.floor((samples.length - frame) / hop) + 1;
    const out = new Int32Array(frames * bands);
    for (let f = 0; f < frames; f++) {
      transform(samples, f * hop);
      bandLevels(re, im, tables, out.subarray(f * bands, (f + 1) * bands));
    }
    return out;
  };
}

/** A power is split at this bit, so that sums of its halves' products with Q15 shares are exact. */
const SPLIT = 2 ** 24;

function bandLevels(
  re: Int32Array,
  im: Int32Array,
  { frame, bands, edge, weight }: MelTables,
  out: Int32Array,
): void {
  // Octaves between energies here and those of int16 samples' own transform, which the range of a layer counts in.
  const unit = 256 * (2 * Math.clz32(frame) - 34);
  let [beforeHigh, beforeLow] = [0, 0];
  for (let band = 0; band <= bands; band++) {
    let [all, high, low] = [0, 0, 0];
    const end = edge[band + 1] as number;
    for (let k = edge[band] as number; k < end; k++) {
      const power = (re[k] as number) ** 2 + (im[k] as number) ** 2;
      const top = Math.floor(power / SPLIT);
      const share = weight[k] as number;
      all += power;
      high += top * share;
      low += (power - top * SPLIT) * share;
    }
    if (band > 0) {
      const top = Math.floor(all / SPLIT);
      const energyHigh = beforeHigh + top * ONE - high;
      const energyLow = beforeLow + (all - top * SPLIT) * ONE - low;
      out[band - 1] = Math.max(0, log2Q8(energyHigh, energyLow) - unit);
    }
    [beforeHigh, beforeLow] = [high, low];
  }
}

/** 256 * log2(high * 2^24 + low) by a polynomial of the 16 digits after the leading one; 0 for 0. */
function log2Q8(high: number, low: number): number {
  const carry = Math.floor(low / SPLIT);
  const carried = high + carry;
  // From 2^17 on the leading 17 digits are in the upper part; below, the whole is exact.
  const wide = carried >= 2 ** 17;
  const v = wide ? carried : carried * SPLIT + (low - carry * SPLIT);
  if (v === 0) return 0;
  const exponent = floorLog2(v);
  const x = Math.floor(v * (POWERS[64 + 16 - exponent] as number)) & 0xffff;
  const curve = 28752 - ((x * (15667 - ((x * 5383) >> 16))) >> 16);
  const bend = (((x * (65536 - x)) >> 16) * curve) >> 16;
  return (wide ? exponent + 24 : exponent) * 256 + ((x + bend) >> 8);
}

/** 2^(i - 64) */
const POWERS = Float64Array.from({ length: 128 }, (_, i) => 2 ** (i - 64));

/** Exact below 2^53. */
function floorLog2(v: number): number {
  return v < 2 ** 32 ? 31 - Math.clz32(v) : 63 - Math.clz32(Math.floor(v / 2 ** 32));
}
