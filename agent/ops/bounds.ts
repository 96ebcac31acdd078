/** Bounds that several operators check (firmware/SPEC.md, "Bounds"). */

/** Largest magnitude that a 32-bit accumulator holds without wrapping. */
export const ACCUMULATOR_LIMIT = 2 ** 31 - 1;

/**
 * A channel whose weighted sum could wrap: |weights| * reach * 2^shift + |bias|. `weight` is [channels][...], `reach` the
 * largest magnitude of an input, `bias` absent where none is added.
 */
export function accumulatorFault(
  weight: Int8Array,
  bias: Int32Array | undefined,
  channels: number,
  reach: number,
  shift: number,
): string | undefined {
  const taps = weight.length / channels;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += Math.abs(weight[c * taps + k] ?? 0);
    if (sum * reach * 2 ** shift + Math.abs(bias?.[c] ?? 0) > ACCUMULATOR_LIMIT) {
      return `can overflow the accumulator of channel ${c}`;
    }
  }
  return undefined;
}

/** Factors that kernels take for non-negative. */
export function multiplierFault(multiplier: Int32Array | Int16Array): string | undefined {
  return multiplier.some((m) => m < 0) ? 'has a negative multiplier' : undefined;
}
