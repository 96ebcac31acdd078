import type { OperatorCases } from '../cases.ts';
import type { ChannelsToHeightLayer } from './operator.ts';

export const cases: OperatorCases<ChannelsToHeightLayer> = {
  reads: ['int8', 'int16', 'bits'],
  window: (random) => [1, random.int(1, 60), random.pick([1, 2, 3, 5, 8])],
  layer: ({ from, id }) => ({ kind: 'channelsToHeight', id: id('image'), from }),
  tensors: () => ({}),
};
