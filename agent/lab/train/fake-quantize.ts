import type { ConvNode } from '../../nets/graph.ts';
import type { Tensor } from '../tensorflow.ts';
import { convolve, maxPool, readsWindow } from './convolution.ts';
import type { Forward, Pass, Simulation, Through } from './tape.ts';
import type { WeightForm } from './weight-forms.ts';

/**
 * A network in training as it will be deployed in 8 bits: weights and maps take the values that the integers stand
 * for, and gradients pass the rounding as if it were not there (Jacob et al. 2018; straight through).
 */

/** Steps from the lowest to the highest value of an int8 map. */
export const MAP_STEPS = 255;
/** Steps from zero to the largest weight of a scale. */
const WEIGHT_STEPS = 127;

/** Rounds to int8 with a scale for each output, the last axis. */
export const perOutputInt8: WeightForm = {
  decays: true,
  effective(weights, outputs) {
    const largest = new Float64Array(outputs).fill(1e-9);
    weights.forEach((w, i) => {
      largest[i % outputs] = Math.max(largest[i % outputs] ?? 0, Math.abs(w));
    });
    return weights.map((w, i) => toStep(w, (largest[i % outputs] ?? 1) / WEIGHT_STEPS));
  },
  pullBack: (_weights, gradient) => gradient,
  project: () => {},
};

/** Rounds to int8 with one scale: outputs that are compared with each other share it. */
export const sharedInt8: WeightForm = {
  ...perOutputInt8,
  effective: (weights) => perOutputInt8.effective(weights, 1),
};

const toStep = (value: number, step: number): number => Math.round(value / step) * step;

/** conv -> bias -> pool -> ReLU -> 8 bits, batch norm folded into kernel and bias (`beta`). */
export function simulatedBlock(
  pass: Pass,
  simulation: Simulation,
  node: ConvNode,
  x: Tensor,
  width: number,
): Forward {
  const bias = `${node.id}.beta`;
  const conv = convolve(pass, node, x, width);
  const pooled = maxPool(pass, conv.y, node.pool);
  const stored = inSteps(pass, pooled.y.add(pass.vector(bias, width)), topOf(simulation, node.id));
  return {
    y: stored.y,
    backward(dy) {
      const d = stored.backward(dy);
      pass.give(bias, d.sum([0, 1, 2]));
      const dConv = pooled.backward(d);
      return readsWindow(node) ? conv.backwardToKernel(dConv) : conv.backward(dConv);
    },
  };
}

/** A map as it is stored: in steps under a simulation, else as it is. */
export function storedMap(pass: Pass, id: string, y: Tensor): Through {
  if (pass.simulation === undefined) return { y, backward: (dy) => dy };
  return inSteps(pass, y, topOf(pass.simulation, id));
}

function topOf(simulation: Simulation, id: string): number {
  const top = simulation.tops.get(id);
  if (top === undefined) throw new Error(`no range of ${id} to simulate`);
  return top;
}

/** Clipped to [0, top] and rounded to its steps; the gradient passes within the range. */
function inSteps(pass: Pass, x: Tensor, top: number): Through {
  const { tf } = pass.kernels;
  const step = top / MAP_STEPS;
  return {
    y: tf
      .clipByValue(x, 0, top)
      .mul(1 / step)
      .round()
      .mul(step),
    backward: (dy) => pass.kernels.reluGradient(dy, x).mul(tf.lessEqual(x, top).toFloat()),
  };
}
