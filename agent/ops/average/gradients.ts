import type { Gradients } from '../gradients.ts';
import { storedMap } from '../output-stage/fake-quantize.ts';
import type { AverageNode } from './node.ts';

export const averageGradients: Gradients<AverageNode> = {
  parameters: () => [],
  forward:
    ({ id }) =>
    (tape, x) => {
      const { tf } = tape.kernels;
      const from = x.shape;
      const positions = (from[1] ?? 1) * (from[2] ?? 1);
      const stored = storedMap(tape, id, x.mean([1, 2], true));
      return {
        y: stored.y,
        backward: (dy) => tf.mul(stored.backward(dy).div(positions), tf.ones(from)),
      };
    },
  sliced: (_name, parameter) => parameter,
  in8Bits: { rounded: true, parameters: () => [] },
};
