import { z } from 'zod';
import type { Lowering, ParameterValues, RandomLowering, SignLevel } from '../lowering.ts';
import type { Shape } from '../maps.ts';
import type { AnyNode } from '../node.ts';
import { pair, size } from '../node-fields.ts';

/**
 * The order of operators within a convolution block (a max pool, where there is one, comes last):
 * - `plain`: conv -> batch norm -> ReLU
 * - `paper`: batch norm -> sign -> binary conv -> ReLU (Mohaimenuzzaman et al. 2021, XNOR blocks)
 * - `residual`: per-channel threshold -> sign -> binary conv -> batch norm -> + shortcut -> per-channel PReLU
 */
export const FORMS = ['plain', 'paper', 'residual'] as const;
export type BlockForm = (typeof FORMS)[number];

export const blockFields = {
  form: z.enum(FORMS),
  channels: size,
  kernel: pair,
  stride: pair,
  /** `same` pads with zero (for a binary convolution: neither +1 nor -1). */
  padding: z.enum(['valid', 'same']),
  pool: pair,
};
const blockSchema = z.strictObject(blockFields);

/** A convolution block, whatever its form. */
export interface Block extends AnyNode, Readonly<z.infer<typeof blockSchema>> {}

/** What differs between the forms of a block. */
export interface BlockOperator {
  /** Whether its convolution runs on signs. */
  readonly binary: boolean;
  /** How its input is to be stored. */
  readonly reads: 'int8' | 'int16' | 'bits';
  /** Trainable numbers besides the kernel: batch norm's gamma and beta, thresholds, shifts, slopes. */
  channelParameters(node: Block, inputs: number): number;
  signLevel?(values: ParameterValues): SignLevel;
  lower(node: Block, to: Lowering): void;
  lowerRandom(node: Block, to: RandomLowering): void;
}

/** Output of a block's convolution before its pool. */
export function convolvedShape(node: Block, input: Shape): Shape {
  const along = (axis: 0 | 1): number => {
    const stride = node.stride[axis];
    if (node.padding === 'same') return Math.ceil(input[axis] / stride);
    return Math.floor((input[axis] - node.kernel[axis]) / stride) + 1;
  };
  return [along(0), along(1), node.channels];
}

/** What the layer of a block's convolution takes over from it. */
export function windowOf({ channels, kernel, stride, pool, padding }: Block) {
  const pair = (p: readonly [number, number]): [number, number] => [p[0], p[1]];
  return { channels, kernel: pair(kernel), stride: pair(stride), pool: pair(pool), padding };
}
