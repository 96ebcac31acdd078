import type { Lowering } from '../lowering.ts';

/** Integers of one output stage: requant(acc) = (((acc << shift) + bias) * multiplier + 2^31) >> 32. */
export interface Requantization {
  readonly shift: number;
  readonly multiplier: Int32Array;
  readonly bias: Int32Array;
}

/** Steps from the lowest to the highest value of an int8 map. */
export const MAP_STEPS = 255;

const LIMIT = 2 ** 31 - 1;
const MAX_SHIFT = 15;

/**
 * The largest shift that keeps accumulators within 32 bits (SPEC.md, "Bounds"), and the multipliers and biases for it.
 * @param factor real steps of the output per unit of the accumulator, per channel
 * @param offset what is added, in units of the accumulator
 * @param reach largest magnitude of each channel's accumulator
 */
export function requantization(
  factor: Float64Array,
  offset: Float64Array,
  reach: Float64Array,
): Requantization {
  for (let shift = MAX_SHIFT; shift >= 0; shift--) {
    const fits = factor.every((_, n) => {
      const sum = (Math.abs(offset[n] ?? 0) + (reach[n] ?? 0) + 1) * 2 ** shift;
      return sum < LIMIT;
    });
    if (fits) return withShift(factor, offset, shift);
  }
  throw new Error('an accumulator does not fit 32 bits');
}

function withShift(factor: Float64Array, offset: Float64Array, shift: number): Requantization {
  const multiplier = Int32Array.from(factor, (f) => {
    const m = Math.round(f * 2 ** (32 - shift));
    // A channel that is louder than its reader's range can hold saturates all the same.
    return Math.min(LIMIT, Math.max(0, m));
  });
  return { shift, multiplier, bias: Int32Array.from(offset, (o) => Math.round(o * 2 ** shift)) };
}

/** Sums of a layer in real terms: what one unit of each channel's accumulator is worth, and what is added to it. */
export interface RealSums {
  readonly unit: Float64Array;
  readonly bias: Float64Array;
  /** Largest magnitude of each channel's accumulator. */
  readonly reach: Float64Array;
}

/** Writes bias and multiplier of layer `id` for outputs of `step`; gives the shift. */
export function requantized(to: Lowering, id: string, sums: RealSums, step: number): number {
  const { unit, bias, reach } = sums;
  const stage = requantization(
    unit.map((u) => u / step),
    bias.map((b, n) => b / (unit[n] ?? 1)),
    reach,
  );
  to.tensor(`${id}.bias`, stage.bias, [unit.length]);
  to.tensor(`${id}.multiplier`, stage.multiplier, [unit.length]);
  return stage.shift;
}

/** Output of a ReLU in 8 bits: its zero is -128. */
export function reluOutput(shift: number, scale: number) {
  return { type: 'int8', zeroPoint: -128, min: -128, max: 127, shift, scale } as const;
}

/** Within 32 bits. */
export function clampInt(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

/** Threshold that every accumulator reaches. */
export const ALWAYS = -(2 ** 31);
