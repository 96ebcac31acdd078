import { type BlockForm, type BlockOperator, convolvedShape } from '../convolution/block.ts';
import type { NodeOperator } from '../node-operator.ts';
import { paper } from '../xnor-conv/lower-paper.ts';
import { residual } from '../xnor-conv/lower-residual.ts';
import { plain } from './lower.ts';
import { type ConvNode, schema } from './node.ts';

const FORMS: Readonly<Record<BlockForm, BlockOperator>> = { plain, paper, residual };

export const convNode = {
  kind: 'conv',
  schema,
  channels: 'own',

  shape(node, input) {
    const [h, w, c] = convolvedShape(node, input);
    return [Math.floor(h / node.pool[0]), Math.floor(w / node.pool[1]), c];
  },

  cost(node, input) {
    const [h, w, c] = convolvedShape(node, input);
    const weights = node.kernel[0] * node.kernel[1] * input[2] * c;
    const macs = h * w * weights;
    const { binary, channelParameters } = FORMS[node.form];
    return {
      realMacs: binary ? 0 : macs,
      binaryMacs: binary ? macs : 0,
      parameters: weights + channelParameters(node, input[2]),
    };
  },

  pruning: {
    unit: 'channel',
    width: ({ channels }) => channels,
    weights: ['weight'],
    loudness: 'gamma',
    narrowed(node, input, channels) {
      // A pool is kept no larger than what is left of its map.
      const rows = node.padding === 'same' ? input[0] : input[0] - node.kernel[0] + 1;
      const pool = [Math.min(node.pool[0], Math.max(1, rows)), node.pool[1]] as const;
      return { ...node, channels, pool };
    },
  },

  binary: ({ form }) => FORMS[form].binary,
  reads: ({ form }) => FORMS[form].reads,
  signLevel: (node, values) => FORMS[node.form].signLevel?.(values),
  lower: (node, to) => FORMS[node.form].lower(node, to),
  lowerRandom: (node, to) => FORMS[node.form].lowerRandom(node, to),
  gradients: async () => (await import('./gradients.ts')).convGradients,
} satisfies NodeOperator<ConvNode>;
