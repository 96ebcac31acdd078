import type { Forward, Tape } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import { realWeights } from '../../tape/weight-form.ts';
import type { Block } from '../convolution/block.ts';
import { convolve, maxPool } from '../convolution/convolve.ts';
import type { BlockGradients } from '../convolution/gradients.ts';
import { batchNorm, normParameters } from '../convolution/norm.ts';
import { signsOf } from './signs.ts';
import { scaledSignWeights } from './weight-forms.ts';

/** Smallest gamma: thresholds are taken where the normalised value rises with the input. */
const MIN_GAMMA = 0.01;

export const paperGradients: BlockGradients = {
  parameters({ id }, inputs) {
    const [gamma, ...rest] = normParameters(id, inputs);
    return [{ ...gamma, bounds: [MIN_GAMMA, Number.POSITIVE_INFINITY] }, ...rest];
  },
  weights: ({ weights }) => (weights === 'real' ? realWeights : scaledSignWeights),
  forward,
};

/** batch norm -> sign -> binary conv -> ReLU -> pool (Mohaimenuzzaman et al. 2021) */
function forward(tape: Tape, node: Block, x: Tensor, width: number): Forward {
  const { kernels } = tape;
  const { tf } = kernels;
  const norm = batchNorm(tape, node.id, x);
  const conv = convolve(tape, node, signsOf(tape, norm.y), width);
  const pooled = maxPool(tape, conv.y, node.pool);
  const active = kernels.relu(pooled.y);
  return {
    y: active,
    backward(dy) {
      const dSign = conv.backward(pooled.backward(kernels.reluGradient(dy, active)));
      // Straight through, where the normalised value is within the clip.
      return norm.backward(dSign.mul(tf.lessEqual(norm.y.abs(), 1).toFloat()));
    },
  };
}
