import { constant } from '../../tape/parameter.ts';
import type { Forward, Tape, Through } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import { realWeights } from '../../tape/weight-form.ts';
import type { Block } from '../convolution/block.ts';
import { channelsOf, convolve, maxPool } from '../convolution/convolve.ts';
import type { BlockGradients } from '../convolution/gradients.ts';
import { batchNorm, normParameters } from '../convolution/norm.ts';
import { signsOf } from './signs.ts';
import { signWeights } from './weight-forms.ts';

/** Largest slope that the integer form (Q15) holds. */
const MAX_SLOPE = 32767 / 32768;
const SLOPE_START = 0.25;

export const residualGradients: BlockGradients = {
  parameters: ({ id, channels }, inputs) => [
    ...normParameters(id, channels),
    constant(`${id}.threshold`, inputs, 0),
    constant(`${id}.shiftIn`, channels, 0),
    { ...constant(`${id}.slope`, channels, SLOPE_START), bounds: [0, MAX_SLOPE] },
    constant(`${id}.shiftOut`, channels, 0),
  ],
  weights: ({ weights }) => (weights === 'real' ? realWeights : signWeights),
  forward,
};

/** The stream's channels repeated or cut to `channels`: channel n reads n mod C. */
function shortcut(tape: Tape, x: Tensor, channels: number): Through {
  const { tf } = tape.kernels;
  const from = channelsOf(x);
  if (channels === from) return { y: x, backward: (d) => d };
  const pieces = Array.from({ length: Math.ceil(channels / from) }, (_, i) => ({
    at: i * from,
    size: Math.min(from, channels - i * from),
  }));
  const first = (t: Tensor, at: number, size: number): Tensor =>
    t.slice([0, 0, 0, at], [-1, -1, -1, size]);
  return {
    y: tf.concat(
      pieces.map(({ size }) => first(x, 0, size)),
      3,
    ),
    backward: (d) =>
      tf.addN(
        pieces.map(({ at, size }) =>
          tf.pad(first(d, at, size), [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, from - size],
          ]),
        ),
      ),
  };
}

/**
 * threshold -> sign -> binary conv -> batch norm -> + shortcut -> RPReLU -> pool (Liu et al., "ReActNet", 2020), with
 * the polynomial gradient of the sign (Liu et al., "Bi-Real Net", 2018).
 */
function forward(tape: Tape, node: Block, x: Tensor, width: number): Forward {
  const { kernels } = tape;
  const { tf } = kernels;
  const { id } = node;
  const centred = x.sub(tape.vector(`${id}.threshold`, channelsOf(x)));
  const conv = convolve(tape, node, signsOf(tape, centred), width);
  const norm = batchNorm(tape, id, conv.y);
  const skip = shortcut(tape, x, width);
  const before = norm.y.add(skip.y).sub(tape.vector(`${id}.shiftIn`, width));
  const negative = tf.minimum(before, 0);
  const slope = tape.vector(`${id}.slope`, width);
  const rest = tf.sub(1, slope);
  const active = kernels
    .relu(before)
    .add(negative.mul(slope))
    .add(tape.vector(`${id}.shiftOut`, width));
  const pooled = maxPool(tape, active, node.pool);
  return {
    y: pooled.y,
    backward(dy) {
      const d = pooled.backward(dy);
      tape.give(`${id}.shiftOut`, d.sum([0, 1, 2]));
      tape.give(`${id}.slope`, d.mul(negative).sum([0, 1, 2]));
      // Below 0 the slope's share; above it the rest too.
      const dBefore = d.mul(slope).add(kernels.reluGradient(d.mul(rest), before));
      tape.give(`${id}.shiftIn`, dBefore.sum([0, 1, 2]).neg());
      const dSign = conv.backward(norm.backward(dBefore));
      const dCentred = dSign.mul(kernels.relu(centred.abs().mul(-2).add(2)));
      tape.give(`${id}.threshold`, dCentred.sum([0, 1, 2]).neg());
      return dCentred.add(skip.backward(dBefore));
    },
  };
}
