import type { Gradients } from '../gradients.ts';
import type { ChannelsToHeightNode } from './node.ts';

export const channelsToHeightGradients: Gradients<ChannelsToHeightNode> = {
  parameters: () => [],
  forward:
    (_node, { output: [channels] }) =>
    (tape, x) => {
      const { tf } = tape.kernels;
      // Inert channels do not become rows.
      const inert = (x.shape[3] ?? 0) - channels;
      const y = tf.transpose(x.slice([0, 0, 0, 0], [-1, -1, -1, channels]), [0, 3, 2, 1]);
      return {
        y,
        backward: (dy) =>
          tf.pad(tf.transpose(dy as typeof y, [0, 3, 2, 1]), [
            [0, 0],
            [0, 0],
            [0, 0],
            [0, inert],
          ]),
      };
    },
  sliced: (_name, parameter) => parameter,
};
