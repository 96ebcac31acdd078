import { type Forward, forbidden, type Simulation, type Tape } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import { realWeights } from '../../tape/weight-form.ts';
import type { Block } from '../convolution/block.ts';
import { channelsOf, convolve, maxPool, readsWindow } from '../convolution/convolve.ts';
import type { BlockGradients } from '../convolution/gradients.ts';
import { batchNorm, normParameters, padded, runningNorm } from '../convolution/norm.ts';
import { inSteps, topOf } from '../output-stage/fake-quantize.ts';

export const plainGradients: BlockGradients = {
  parameters: ({ id, channels }) => normParameters(id, channels),
  weights: () => realWeights,
  forward(tape, node, x, width) {
    if (tape.simulation !== undefined) return simulated(tape, tape.simulation, node, x, width);
    return tape.training
      ? training(tape, node, x, width)
      : { y: inference(tape, node, x, width), backward: forbidden };
  },
};

/** conv -> batch norm -> pool -> ReLU: the ReLU commutes with the pool and then touches a quarter or a fiftieth. */
function training(tape: Tape, node: Block, x: Tensor, width: number): Forward {
  const { kernels } = tape;
  const conv = convolve(tape, node, x, width);
  const norm = batchNorm(tape, node.id, conv.y);
  const pooled = maxPool(tape, norm.y, node.pool);
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

/** With running statistics folded into the kernel, so that norm and ReLU touch pooled values only. */
function inference(tape: Tape, node: Block, x: Tensor, width: number): Tensor {
  const { kernels } = tape;
  const { scale, offset } = runningNorm(tape, node.id);
  const size = [...node.kernel, channelsOf(x), width] as const;
  const kernel = tape.kernel(`${node.id}.weight`, size).mul(padded(tape, scale, width));
  const pooled = maxPool(tape, kernels.conv(x, kernel, node), node.pool);
  return kernels.relu(pooled.y.add(padded(tape, offset, width)));
}

/** conv -> bias -> pool -> ReLU -> 8 bits, batch norm folded into kernel and bias (`beta`). */
function simulated(
  tape: Tape,
  simulation: Simulation,
  node: Block,
  x: Tensor,
  width: number,
): Forward {
  const bias = `${node.id}.beta`;
  const conv = convolve(tape, node, x, width);
  const pooled = maxPool(tape, conv.y, node.pool);
  const stored = inSteps(tape, pooled.y.add(tape.vector(bias, width)), topOf(simulation, node.id));
  return {
    y: stored.y,
    backward(dy) {
      const d = stored.backward(dy);
      tape.give(bias, d.sum([0, 1, 2]));
      const dConv = pooled.backward(d);
      return readsWindow(node) ? conv.backwardToKernel(dConv) : conv.backward(dConv);
    },
  };
}
