import type { NodeOperator } from '../node-operator.ts';
import { lower, lowerRandom } from './lower.ts';
import { type LstmNode, schema } from './node.ts';

export const lstmNode = {
  kind: 'lstm',
  schema,
  channels: 'own',
  recurrent: true,
  shape: ({ units }) => [1, 1, units],
  cost({ units }, [time, width, channels]) {
    const weights = 4 * units * (width * channels + units);
    return { realMacs: weights * time, binaryMacs: 0, parameters: weights + 4 * units };
  },
  pruning: {
    unit: 'unit',
    width: ({ units }) => units,
    weights: ['weight', 'recurrent'],
    narrowed: (node, _input, units) => ({ ...node, units }),
  },
  reads: () => 'int8',
  lower,
  lowerRandom,
  gradients: async () => (await import('./gradients.ts')).lstmGradients,
} satisfies NodeOperator<LstmNode>;
