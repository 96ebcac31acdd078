import type { RandomLowering } from '../lowering.ts';
import { reluOutput } from './requantize.ts';

/** Standard deviations that random maps have, roughly; only their order of magnitude matters. */
export const SPREAD = { int16: 8000, int8: 60, uniformWeight: 73 } as const;
/** Real size of one int8 step; random models have no true scale. */
export const SCALE = 1 / 32;
/** Of one step of an int16 stream. */
export const STREAM_SCALE = SCALE / 256;

/** Random int8 weights. */
export function randomWeights(to: RandomLowering, name: string, shape: readonly number[]): void {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Int8Array.from({ length: count }, () => to.random.int(-127, 127));
  to.tensor(name, data, shape);
}

/** Random integers from -reach to reach. */
export function randomInts(to: RandomLowering, name: string, count: number, reach: number): void {
  const data = Int32Array.from({ length: count }, () => to.random.int(-reach, reach));
  to.tensor(name, data, [count]);
}

/** Multipliers that bring accumulators of standard deviation `spread` to `target`. */
export function randomMultipliers(
  to: RandomLowering,
  id: string,
  channels: number,
  spread: number,
  target = 2 * SPREAD.int8,
): void {
  const unit = Math.min(2 ** 30, (target / spread) * 2 ** 32);
  const values = Int32Array.from({ length: channels }, () =>
    Math.min(0x7fffffff, Math.max(1, Math.round((unit * to.random.int(50, 150)) / 100))),
  );
  to.tensor(`${id}.multiplier`, values, [channels]);
}

/** The output stage of a layer whose accumulators have standard deviation `spread`, in the type that is wanted. */
export function randomOutput(
  to: RandomLowering,
  layer: { readonly id: string; readonly channels: number; readonly shift: number },
  spread: number,
) {
  const { id, channels, shift } = layer;
  const type = to.wanted;
  if (type === 'bits') {
    randomInts(to, `${id}.threshold`, channels, Math.ceil(spread));
    return { type } as const;
  }
  const target = type === 'int8' ? 2 * SPREAD.int8 : SPREAD.int16;
  randomInts(to, `${id}.bias`, channels, Math.ceil(spread * 2 ** shift));
  randomMultipliers(to, id, channels, spread * 2 ** shift, target);
  if (type === 'int16') return { type, min: 0, shift, scale: STREAM_SCALE } as const;
  return reluOutput(shift, SCALE);
}
