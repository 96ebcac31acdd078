import type { TrainingRandom } from './random.ts';
import type { WeightForm } from './weight-form.ts';

/** One array of a network in training, in TensorFlow's layout ([kh][kw][in][out] for kernels). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Running statistics are kept with the rest but no gradient moves them. */
  readonly trained: boolean;
  /** Bounds that hold after each update: gamma of a block that needs it positive, slopes in [0, 1). */
  readonly bounds?: readonly [min: number, max: number] | undefined;
  /** For kernels: how stored weights are used. */
  readonly form?: WeightForm | undefined;
}

export type Parameters = ReadonlyMap<string, Parameter>;

/** How binary convolutions multiply: with signs, or in the first of two stages with real weights. */
export type BinaryWeights = 'binary' | 'real';

/** What fresh parameters are made of. */
export interface Draw {
  readonly random: TrainingRandom;
  readonly weights: BinaryWeights;
}

/** An array of one value, which is trained. */
export function constant(name: string, length: number, value: number): Parameter {
  return { name, shape: [length], data: new Float32Array(length).fill(value), trained: true };
}

/** Normally distributed numbers around 0. */
export function normals(count: number, deviation: number, { random }: Draw): Float32Array {
  return Float32Array.from({ length: count }, () => random.normal() * deviation);
}
