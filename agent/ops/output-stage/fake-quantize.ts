import type { Simulation, Tape, Through } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import type { WeightForm } from '../../tape/weight-form.ts';
import { WEIGHT_STEPS } from '../weights.ts';
import { MAP_STEPS } from './requantize.ts';

/**
 * A network in training as it will be deployed in 8 bits: weights and maps take the values that the integers stand
 * for, and gradients pass the rounding as if it were not there (Jacob et al. 2018; straight through).
 */

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

/** A map as it is stored: in steps under a simulation, else as it is. */
export function storedMap(tape: Tape, id: string, y: Tensor): Through {
  if (tape.simulation === undefined) return { y, backward: (dy) => dy };
  return inSteps(tape, y, topOf(tape.simulation, id));
}

/** Largest value of a node's map. */
export function topOf(simulation: Simulation, id: string): number {
  const top = simulation.tops.get(id);
  if (top === undefined) throw new Error(`no range of ${id} to simulate`);
  return top;
}

/** Clipped to [0, top] and rounded to its steps; the gradient passes within the range. */
export function inSteps(tape: Tape, x: Tensor, top: number): Through {
  const { tf } = tape.kernels;
  const step = top / MAP_STEPS;
  return {
    y: tf
      .clipByValue(x, 0, top)
      .mul(1 / step)
      .round()
      .mul(step),
    backward: (dy) => tape.kernels.reluGradient(dy, x).mul(tf.lessEqual(x, top).toFloat()),
  };
}
