import { constant, type Draw, normals, type Parameter } from '../../tape/parameter.ts';
import { type Forward, forbidden, type Tape } from '../../tape/tape.ts';
import type { Kernels, Tensor } from '../../tape/tensorflow.ts';
import { realWeights } from '../../tape/weight-form.ts';
import type { Gradients } from '../gradients.ts';
import type { Shape } from '../maps.ts';
import { rowsLeft, take } from '../take.ts';
import type { LstmNode } from './node.ts';

export const lstmGradients: Gradients<LstmNode> = {
  parameters,
  forward:
    (node, { input }) =>
    (tape, x) =>
      lstm(tape, node, x, input),
  sliced(name, parameter, { input: [, width, channels], inputs, outputs }) {
    switch (name) {
      case 'weight':
        return take(take(parameter, 0, rowsLeft(width, channels, inputs)), 2, outputs);
      case 'recurrent':
        return take(take(parameter, 0, outputs), 2, outputs);
      default:
        return take(parameter, 1, outputs);
    }
  },
};

/**
 * Weight [inputs][4][units], recurrent [units][4][units] and bias [4][units], gates in the order i, f, g, o; the forget
 * gate begins open (Jozefowicz et al. 2015).
 */
function parameters({ id, units }: LstmNode, input: Shape, draw: Draw): readonly Parameter[] {
  const matrix = (name: string, rows: number): Parameter => ({
    name: `${id}.${name}`,
    shape: [rows, 4, units],
    data: normals(rows * 4 * units, Math.sqrt(1 / rows), draw),
    trained: true,
    form: realWeights,
  });
  const bias = constant(`${id}.bias`, 4 * units, 0);
  bias.data.fill(1, units, 2 * units);
  const [, width, channels] = input;
  const weight = matrix('weight', width * channels);
  return [weight, matrix('recurrent', units), { ...bias, shape: [4, units] }];
}

/** What one step of the recurrence gave and its gradient needs again, all [windows][units]. */
interface Step {
  readonly input: Tensor;
  readonly forget: Tensor;
  readonly candidate: Tensor;
  readonly output: Tensor;
  readonly cell: Tensor;
  readonly cellTanh: Tensor;
  readonly state: Tensor;
}

/**
 * A recurrent layer over the rows of a map (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000),
 * and its gradient through time. With s the logistic function and the columns of weight [inputs][4][units], recurrent
 * [units][4][units] and bias [4][units] in the order i, f, g, o:
 *
 *     i = s(i'), f = s(f'), g = tanh(g'), o = s(o')     with  (i', f', g', o') = x W + h R + b
 *     c = f c + i g,  h = o tanh(c)
 *
 * Reads [windows][time][width][channels] and gives the last h as [windows][1][1][units].
 */
function lstm(tape: Tape, node: LstmNode, x: Tensor, shape: Shape): Forward {
  const { tf } = tape.kernels;
  const [time, width, channels] = shape;
  const { id, units } = node;
  const windows = x.shape[0] ?? 1;
  const inputs = width * channels;
  const weight = tf.tensor2d(tape.get(`${id}.weight`), [inputs, 4 * units]);
  const recurrent = tf.tensor2d(tape.get(`${id}.recurrent`), [units, 4 * units]);
  // Time first, so that a step's rows lie together; and without the inert channels of a convolution.
  const rows = tf
    .transpose(
      x.slice([0, 0, 0, 0], [-1, -1, -1, channels]).reshape([windows, time, inputs]),
      [1, 0, 2],
    )
    .reshape([time * windows, inputs]);
  const projected = tf
    .matMul(rows, weight)
    .add(tf.tensor1d(tape.get(`${id}.bias`)))
    .reshape([time, windows, 4 * units]);
  const steps = recur(tape.kernels, projected, recurrent, units);
  const y = (steps.at(-1)?.state ?? tf.zeros([windows, units])).reshape([windows, 1, 1, units]);
  if (!tape.training) return { y, backward: forbidden };
  return {
    y,
    backward(dy) {
      const gates = throughTime(tape.kernels, steps, dy.reshape([windows, units]), recurrent);
      const zeros = tf.zeros([windows, units]);
      const before = tf.concat([zeros, ...steps.slice(0, -1).map((s) => s.state)], 0);
      tape.give(`${id}.weight`, asGates(tf.matMul(rows, gates, true, false), units));
      tape.give(`${id}.recurrent`, asGates(tf.matMul(before, gates, true, false), units));
      tape.give(`${id}.bias`, gates.sum(0).reshape([4, units]));
      const dx = tf
        .transpose(
          tf.matMul(gates, weight, false, true).reshape([time, windows, inputs]),
          [1, 0, 2],
        )
        .reshape([windows, time, width, channels]);
      const inert = (x.shape[3] ?? channels) - channels;
      return inert === 0 ? dx : tf.pad(dx, [...NONE, [0, inert]]);
    },
  };
}

const NONE: [number, number][] = [
  [0, 0],
  [0, 0],
  [0, 0],
];

const asGates = (gradient: Tensor, units: number): Tensor =>
  gradient.reshape([gradient.shape[0] ?? 0, 4, units]);

/** All steps from a state and a cell of zeros. */
function recur(kernels: Kernels, projected: Tensor, recurrent: Tensor, units: number): Step[] {
  const { tf } = kernels;
  const steps: Step[] = [];
  for (const row of tf.unstack(projected, 0)) {
    const last = steps.at(-1);
    const sums = last === undefined ? row : row.add(tf.matMul(last.state, recurrent));
    const [i, f, g, o] = tf.split(sums, [units, units, units, units], 1);
    if (!i || !f || !g || !o) throw new Error('four gates');
    const [input, forget, output] = [tf.sigmoid(i), tf.sigmoid(f), tf.sigmoid(o)];
    const candidate = tf.tanh(g);
    const fresh = input.mul(candidate);
    const cell = last === undefined ? fresh : fresh.add(forget.mul(last.cell));
    const cellTanh = tf.tanh(cell);
    const state = output.mul(cellTanh);
    steps.push({ input, forget, candidate, output, cell, cellTanh, state });
  }
  return steps;
}

/** Gradients by the gates' sums, [time * windows][4 * units], from the gradient by the last state. */
function throughTime(
  kernels: Kernels,
  steps: readonly Step[],
  dLast: Tensor,
  recurrent: Tensor,
): Tensor {
  const { tf } = kernels;
  const gates: Tensor[] = [];
  let dState = dLast;
  let dCell: Tensor | undefined;
  for (let t = steps.length - 1; t >= 0; t--) {
    const step = steps[t];
    if (step === undefined) break;
    const { input, forget, candidate, output, cellTanh } = step;
    const fromState = kernels.tanhGradient(dState.mul(output), cellTanh);
    dCell = dCell === undefined ? fromState : dCell.add(fromState);
    const cellBefore = steps[t - 1]?.cell;
    const dForget = cellBefore === undefined ? tf.zerosLike(dCell) : dCell.mul(cellBefore);
    const sums: Tensor = tf.concat(
      [
        kernels.sigmoidGradient(dCell.mul(candidate), input),
        kernels.sigmoidGradient(dForget, forget),
        kernels.tanhGradient(dCell.mul(input), candidate),
        kernels.sigmoidGradient(dState.mul(cellTanh), output),
      ],
      1,
    );
    gates.unshift(sums);
    dState = tf.matMul(sums, recurrent, false, true);
    dCell = dCell.mul(forget);
  }
  return tf.concat(gates, 0);
}
