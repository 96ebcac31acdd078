import type { NodeOperator } from '../node-operator.ts';
import { lower, lowerRandom } from './lower.ts';
import { type DenseNode, schema } from './node.ts';

export const denseNode = {
  kind: 'dense',
  schema,
  channels: 'own',
  shape: ({ units }) => [1, 1, units],
  cost({ units }, [h, w, c]) {
    const realMacs = h * w * c * units;
    return { realMacs, binaryMacs: 0, parameters: realMacs + units };
  },
  reads: () => 'int8',
  lower,
  lowerRandom,
  gradients: async () => (await import('./gradients.ts')).denseGradients,
} satisfies NodeOperator<DenseNode>;
