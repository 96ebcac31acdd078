import type { OperatorCases } from '../cases.ts';
import type { AverageLayer } from './layer.ts';

export const cases: OperatorCases<AverageLayer> = {
  reads: ['int8'],
  layer: ({ random, from, id, int8 }) => ({
    kind: 'average',
    id: id('average'),
    from,
    multiplier: random.int(1, 2 ** 30) * 2,
    output: int8(false),
  }),
  tensors: () => ({}),
};
