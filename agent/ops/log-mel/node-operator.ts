import { FREE_NODE } from '../node.ts';
import type { NodeOperator } from '../node-operator.ts';
import { lower, lowerRandom } from './lower.ts';
import { type LogMelNode, schema } from './node.ts';

export const logMelNode = {
  kind: 'logMel',
  schema,
  channels: 'own',
  image: true,
  shape: ({ frame, hop, bands }, input) => [Math.floor((input[1] - frame) / hop) + 1, bands, 1],
  cost: () => FREE_NODE,
  reads: () => 'int8',
  lower,
  lowerRandom,
  gradients: async () => (await import('./gradients.ts')).logMelGradients,
} satisfies NodeOperator<LogMelNode>;
