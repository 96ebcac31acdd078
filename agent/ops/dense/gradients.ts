import { resized } from '../../tape/padding.ts';
import { constant, normals } from '../../tape/parameter.ts';
import type { Forward, Tape } from '../../tape/tape.ts';
import type { Tensor } from '../../tape/tensorflow.ts';
import type { Gradients } from '../gradients.ts';
import type { Shape } from '../maps.ts';
import { sharedInt8 } from '../output-stage/fake-quantize.ts';
import { rowsLeft, take } from '../take.ts';
import type { DenseNode } from './node.ts';

export const denseGradients: Gradients<DenseNode> = {
  /** Weight [inputs][units], bias [units]. */
  parameters({ id, units }, [h, w, c], draw) {
    const inputs = h * w * c;
    const data = normals(inputs * units, Math.sqrt(1 / inputs), draw);
    return [
      { name: `${id}.weight`, shape: [inputs, units], data, trained: true },
      constant(`${id}.bias`, units, 0),
    ];
  },
  forward:
    (node, { input }) =>
    (tape, x) =>
      dense(tape, node, x, input),
  sliced: (name, parameter, { inputs, input: [h, w, c] }) =>
    name === 'weight' ? take(parameter, 0, rowsLeft(h * w, c, inputs)) : parameter,
  in8Bits: {
    rounded: false,
    parameters: (_node, trained) =>
      [...trained].map(([name, parameter]) => ({
        ...parameter,
        data: parameter.data.slice(),
        ...(name === 'weight' ? { form: sharedInt8 } : {}),
      })),
  },
};

function dense(tape: Tape, { id, units }: DenseNode, x: Tensor, [h, w, c]: Shape): Forward {
  const { tf } = tape.kernels;
  const width = x.shape[3] ?? c;
  const padded = resized(tape.effective(`${id}.weight`), [h * w, c, units], [h * w, width, units]);
  const weight = tf.tensor2d(padded, [h * w * width, units]);
  const flat = x.reshape([-1, h * w * width]);
  return {
    y: tf
      .matMul(flat, weight)
      .add(tape.vector(`${id}.bias`, units))
      .reshape([-1, 1, 1, units]),
    backward(dy) {
      const d = dy.reshape([-1, units]);
      const dWeight = tf.matMul(flat, d, true, false).reshape([h * w, width, units]);
      const inner = dWeight.slice([0, 0, 0], [-1, c, -1]).reshape([h * w * c, units]);
      tape.give(`${id}.weight`, inner);
      tape.give(`${id}.bias`, d.sum(0));
      return tf.matMul(d, weight, false, true).reshape(x.shape);
    },
  };
}
