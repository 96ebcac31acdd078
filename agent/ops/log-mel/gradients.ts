import type { Gradients } from '../gradients.ts';
import { logMelFeatures } from './features.ts';
import type { LogMelNode } from './node.ts';

/** The features of a window are not learnt, and so is nothing before them. */
export const logMelGradients: Gradients<LogMelNode> = {
  parameters: () => [],
  forward(node, { output, sampleRate }) {
    const features = logMelFeatures(node, sampleRate);
    return ({ kernels: { tf } }, x) => {
      const values = features(x.dataSync<'float32'>(), x.shape[2] ?? 1);
      return { y: tf.tensor4d(values, [x.shape[0] ?? 1, ...output]), backward: () => undefined };
    };
  },
  sliced: (_name, parameter) => parameter,
};
