import { FREE_NODE } from '../node.ts';
import type { NodeOperator } from '../node-operator.ts';
import { type ChannelsToHeightNode, schema } from './node.ts';

export const channelsToHeightNode = {
  kind: 'channelsToHeight',
  schema,
  channels: 'turned',
  image: true,
  shape: (_node, input) => [input[2], input[1], 1],
  cost: () => FREE_NODE,
  reads: () => 'int8',
  passes: true,
  lower({ id }, to) {
    to.layer({ kind: 'channelsToHeight', id, from: to.source.id });
    to.passes(id);
  },
  lowerRandom: ({ id }, to) =>
    to.layer({ kind: 'channelsToHeight', id, from: to.source.id }, to.source.type),
  gradients: async () => (await import('./gradients.ts')).channelsToHeightGradients,
} satisfies NodeOperator<ChannelsToHeightNode>;
