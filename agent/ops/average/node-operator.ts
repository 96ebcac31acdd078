import { FREE_NODE } from '../node.ts';
import type { NodeOperator } from '../node-operator.ts';
import { lower, lowerRandom } from './lower.ts';
import { type AverageNode, schema } from './node.ts';

export const averageNode = {
  kind: 'average',
  schema,
  channels: 'input',
  shape: (_node, input) => [1, 1, input[2]],
  cost: () => FREE_NODE,
  reads: () => 'int8',
  lower,
  lowerRandom,
  gradients: async () => (await import('./gradients.ts')).averageGradients,
} satisfies NodeOperator<AverageNode>;
