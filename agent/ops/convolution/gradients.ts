import { type Draw, normals, type Parameter } from '../../tape/parameter.ts';
import type { Forward, Tape } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import type { WeightForm } from '../../tape/weight-form.ts';
import type { Block } from './block.ts';

/** How a form of block learns. */
export interface BlockGradients {
  /** Arrays besides the kernel. */
  parameters(node: Block, inputs: number): readonly Parameter[];
  /** How the kernel is used. */
  weights(draw: Draw): WeightForm;
  /** @param width channels of its map, inert ones included */
  forward(tape: Tape, node: Block, x: Tensor, width: number): Forward;
}

/** All arrays of a block; the kernel He-normal. */
export function blockParameters(
  node: Block,
  inputs: number,
  draw: Draw,
  form: BlockGradients,
): readonly Parameter[] {
  const shape = [...node.kernel, inputs, node.channels];
  const fanIn = node.kernel[0] * node.kernel[1] * inputs;
  const data = normals(fanIn * node.channels, Math.sqrt(2 / fanIn), draw);
  const weight = { name: `${node.id}.weight`, shape, data, trained: true };
  return [{ ...weight, form: form.weights(draw) }, ...form.parameters(node, inputs)];
}
