import { type BlockForm, convolvedShape } from '../convolution/block.ts';
import { type BlockGradients, blockParameters } from '../convolution/gradients.ts';
import type { Gradients, NodePlace } from '../gradients.ts';
import type { Shape } from '../maps.ts';
import { take } from '../take.ts';
import { paperGradients } from '../xnor-conv/paper-gradients.ts';
import { residualGradients } from '../xnor-conv/residual-gradients.ts';
import { plainIn8Bits } from './in-8-bits.ts';
import type { ConvNode } from './node.ts';
import { plainGradients } from './plain-gradients.ts';

const FORMS: Readonly<Record<BlockForm, BlockGradients>> = {
  plain: plainGradients,
  paper: paperGradients,
  residual: residualGradients,
};

export const convGradients: Gradients<ConvNode> = {
  parameters: (node, input, draw) => blockParameters(node, input[2], draw, FORMS[node.form]),

  forward(node, place) {
    const width = widthOf(node, place);
    return (tape, x) => FORMS[node.form].forward(tape, node, x, width);
  },

  sliced: (name, parameter, { inputs, outputs }) =>
    name === 'weight' ? take(take(parameter, 2, inputs), 3, outputs) : take(parameter, 0, outputs),

  in8Bits: {
    rounded: true,
    parameters: (node, trained) => (node.form === 'plain' ? plainIn8Bits(trained) : undefined),
  },

  held: (node, input) => MAPS * sizeOf(convolvedShape(node, input)),
};

/** Maps of a convolution that live at once in a step: its output, normalised, activated, and the gradients of all three. */
const MAPS = 6;

const sizeOf = ([h, w, c]: Shape): number => h * w * c;

/** Channels with the inert ones: a multiple of 8 on the long maps of a front, else of 4. */
function widthOf({ channels, pool }: ConvNode, { output, matched }: NodePlace): number {
  if (matched) return channels;
  const positions = output[0] * output[1] * pool[0] * pool[1];
  const multiple = positions > 10_000 ? 8 : 4;
  return Math.ceil(channels / multiple) * multiple;
}
