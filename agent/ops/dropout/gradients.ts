import { forbidden } from '../../tape/tape.ts';
import type { Gradients } from '../gradients.ts';
import type { DropoutNode } from './node.ts';

export const dropoutGradients: Gradients<DropoutNode> = {
  parameters: () => [],
  forward:
    ({ rate }) =>
    ({ kernels: { tf }, random, simulation }, x) => {
      if (random === undefined) return { y: x, backward: forbidden };
      // What mimics another network's outputs has nothing to learn from gaps in them.
      if (simulation !== undefined) return { y: x, backward: (dy) => dy };
      const keep = 1 - rate;
      const mask = tf.tensor(
        Float32Array.from({ length: x.size }, () => (random.uniform() < keep ? 1 / keep : 0)),
        x.shape,
      );
      return { y: x.mul(mask), backward: (dy) => dy.mul(mask) };
    },
  sliced: (_name, parameter) => parameter,
};
