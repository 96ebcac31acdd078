import type { ConvNode } from '../../nets/graph.ts';
import { EPSILON, type Tensor } from '../tensorflow.ts';
import { channelsOf, convolve, maxPool, readsWindow } from './convolution.ts';
import { simulatedBlock } from './fake-quantize.ts';
import { padTo } from './padding.ts';
import { type Forward, forbidden, type Pass, type Through } from './tape.ts';

/** Forward and backward of the three forms of convolution blocks, one autodiff-free closure each. */
export function convBlock(pass: Pass, node: ConvNode, x: Tensor, width: number): Forward {
  switch (node.form) {
    case 'plain':
      if (pass.simulation !== undefined)
        return simulatedBlock(pass, pass.simulation, node, x, width);
      return pass.training
        ? plainBlock(pass, node, x, width)
        : { y: plainInference(pass, node, x, width), backward: forbidden };
    case 'paper':
      return paperBlock(pass, node, x, width);
    case 'residual':
      return residualBlock(pass, node, x, width);
  }
}

/** Batch norm over this batch; notes its statistics. */
function trainNorm(pass: Pass, id: string, x: Tensor): Through {
  const width = channelsOf(x);
  const gamma = pass.vector(`${id}.gamma`, width);
  const beta = pass.vector(`${id}.beta`, width);
  const norm = pass.kernels.batchNorm(x, gamma, beta);
  pass.note(id, norm);
  return {
    y: norm.y,
    backward(dy: Tensor): Tensor {
      const [dx, dGamma, dBeta] = pass.kernels.batchNormGradient(dy, x, gamma, norm.reserve);
      pass.give(`${id}.gamma`, dGamma);
      pass.give(`${id}.beta`, dBeta);
      return dx;
    },
  };
}

/** Batch norm with running statistics: x * scale + offset. */
function inferenceNorm(pass: Pass, id: string, x: Tensor): Tensor {
  const { scale, offset } = foldedNorm(pass, id);
  const width = channelsOf(x);
  return x.mul(padded(pass, scale, width)).add(padded(pass, offset, width));
}

function padded(pass: Pass, values: Float32Array, width: number): Tensor {
  return pass.kernels.tf.tensor1d(padTo(values, [values.length], [width]));
}

/** Running batch norm as a factor and an offset per channel. */
function foldedNorm(pass: Pick<Pass, 'get'>, id: string) {
  const [gamma, beta] = [pass.get(`${id}.gamma`), pass.get(`${id}.beta`)];
  const [mean, variance] = [pass.get(`${id}.mean`), pass.get(`${id}.variance`)];
  const scale = gamma.map((g, i) => g / Math.sqrt((variance[i] ?? 0) + EPSILON));
  const offset = beta.map((b, i) => b - (mean[i] ?? 0) * (scale[i] ?? 0));
  return { scale, offset };
}

/** The same with running statistics, folded into the kernel, so that norm and ReLU touch pooled values only. */
function plainInference(pass: Pass, node: ConvNode, x: Tensor, width: number): Tensor {
  const { kernels } = pass;
  const { scale, offset } = foldedNorm(pass, node.id);
  const size = [...node.kernel, channelsOf(x), width] as const;
  const kernel = pass.kernel(`${node.id}.weight`, size).mul(padded(pass, scale, width));
  const pooled = maxPool(pass, kernels.conv(x, kernel, node), node.pool);
  return kernels.relu(pooled.y.add(padded(pass, offset, width)));
}

/** conv -> batch norm -> pool -> ReLU: the ReLU commutes with the pool and then touches a quarter or a fiftieth. */
function plainBlock(pass: Pass, node: ConvNode, x: Tensor, width: number): Forward {
  const { kernels } = pass;
  const conv = convolve(pass, node, x, width);
  const norm = trainNorm(pass, node.id, conv.y);
  const pooled = maxPool(pass, norm.y, node.pool);
  const active = kernels.relu(pooled.y);
  return {
    y: active,
    backward(dy) {
      const d = pooled.backward(kernels.reluGradient(dy, active));
      const dConv = norm.backward(d);
      return readsWindow(node) ? conv.backwardToKernel(dConv) : conv.backward(dConv);
    },
  };
}

/** Signs as +-1, 0 counting as +1 as in the integer form. */
function signs(pass: Pass, x: Tensor): Tensor {
  const { tf } = pass.kernels;
  return tf.greaterEqual(x, 0).toFloat().mul(2).sub(1);
}

/** batch norm -> sign -> binary conv -> ReLU -> pool (Mohaimenuzzaman et al. 2021) */
function paperBlock(pass: Pass, node: ConvNode, x: Tensor, width: number): Forward {
  const { kernels } = pass;
  const { tf } = kernels;
  const norm = pass.training
    ? trainNorm(pass, node.id, x)
    : { y: inferenceNorm(pass, node.id, x), backward: forbidden };
  const conv = convolve(pass, node, signs(pass, norm.y), width);
  const pooled = maxPool(pass, conv.y, node.pool);
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

/** The stream's channels repeated or cut to `channels`: channel n reads n mod C. */
function shortcut(pass: Pass, x: Tensor, channels: number): Through {
  const { tf } = pass.kernels;
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
function residualBlock(pass: Pass, node: ConvNode, x: Tensor, width: number): Forward {
  const { kernels } = pass;
  const { tf } = kernels;
  const { id } = node;
  const centred = x.sub(pass.vector(`${id}.threshold`, channelsOf(x)));
  const conv = convolve(pass, node, signs(pass, centred), width);
  const norm = pass.training
    ? trainNorm(pass, id, conv.y)
    : { y: inferenceNorm(pass, id, conv.y), backward: forbidden };
  const skip = shortcut(pass, x, width);
  const before = norm.y.add(skip.y).sub(pass.vector(`${id}.shiftIn`, width));
  const negative = tf.minimum(before, 0);
  const slope = pass.vector(`${id}.slope`, width);
  const rest = tf.sub(1, slope);
  const active = kernels
    .relu(before)
    .add(negative.mul(slope))
    .add(pass.vector(`${id}.shiftOut`, width));
  const pooled = maxPool(pass, active, node.pool);
  return {
    y: pooled.y,
    backward(dy) {
      const d = pooled.backward(dy);
      pass.give(`${id}.shiftOut`, d.sum([0, 1, 2]));
      pass.give(`${id}.slope`, d.mul(negative).sum([0, 1, 2]));
      // Below 0 the slope's share; above it the rest too.
      const dBefore = d.mul(slope).add(kernels.reluGradient(d.mul(rest), before));
      pass.give(`${id}.shiftIn`, dBefore.sum([0, 1, 2]).neg());
      const dSign = conv.backward(norm.backward(dBefore));
      const dCentred = dSign.mul(kernels.relu(centred.abs().mul(-2).add(2)));
      pass.give(`${id}.threshold`, dCentred.sum([0, 1, 2]).neg());
      return dCentred.add(skip.backward(dBefore));
    },
  };
}
