/** Integers of one output stage: requant(acc) = (((acc << shift) + bias) * multiplier + 2^31) >> 32. */
export interface Stage {
  readonly shift: number;
  readonly multiplier: Int32Array;
  readonly bias: Int32Array;
}

const LIMIT = 2 ** 31 - 1;
const MAX_SHIFT = 15;

/**
 * The largest shift that keeps accumulators within 32 bits (SPEC.md, "Bounds"), and the multipliers and biases for it.
 * @param factor real steps of the output per unit of the accumulator, per channel
 * @param offset what is added, in units of the accumulator
 * @param reach largest magnitude of each channel's accumulator
 */
export function requantStage(
  factor: Float64Array,
  offset: Float64Array,
  reach: Float64Array,
): Stage {
  for (let shift = MAX_SHIFT; shift >= 0; shift--) {
    const fits = factor.every((_, n) => {
      const sum = (Math.abs(offset[n] ?? 0) + (reach[n] ?? 0) + 1) * 2 ** shift;
      return sum < LIMIT;
    });
    if (fits) return stageOf(factor, offset, shift);
  }
  throw new Error('an accumulator does not fit 32 bits');
}

function stageOf(factor: Float64Array, offset: Float64Array, shift: number): Stage {
  const multiplier = Int32Array.from(factor, (f) => {
    const m = Math.round(f * 2 ** (32 - shift));
    // A channel that is louder than its reader's range can hold saturates all the same.
    return Math.min(LIMIT, Math.max(0, m));
  });
  return { shift, multiplier, bias: Int32Array.from(offset, (o) => Math.round(o * 2 ** shift)) };
}

/** Output of a ReLU in 8 bits: its zero is -128. */
export function int8Output(shift: number, scale: number) {
  return { type: 'int8', zeroPoint: -128, min: -128, max: 127, shift, scale } as const;
}

/** Within 32 bits. */
export function clampInt(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

/** The largest shift that keeps multipliers in 16 bits and sums in 32. */
export function residualShift(factor: Float64Array, added: Float64Array, taps: number): number {
  for (let shift = 15; shift > 0; shift--) {
    const fits = factor.every((f, n) => {
      const m = Math.round(f * 2 ** shift);
      return m <= 32767 && taps * m + (Math.abs(added[n] ?? 0) + 1) * 2 ** shift < 2 ** 31 - 1;
    });
    if (fits) return shift;
  }
  return 0;
}
