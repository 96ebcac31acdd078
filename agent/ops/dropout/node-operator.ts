import { FREE_NODE } from '../node.ts';
import type { NodeOperator } from '../node-operator.ts';
import { type DropoutNode, schema } from './node.ts';

export const dropoutNode = {
  kind: 'dropout',
  schema,
  channels: 'input',
  shape: (_node, input) => input,
  cost: () => FREE_NODE,
  reads: () => 'int8',
  passes: true,
  lower: (_node, to) => to.passes(to.source.id),
  lowerRandom: (_node, to) => to.passes(to.source.id),
  gradients: async () => (await import('./gradients.ts')).dropoutGradients,
} satisfies NodeOperator<DropoutNode>;
