import type { OperatorCases } from '../cases.ts';
import { randomStage, randomWeights, sumsOf } from '../output-stage/cases.ts';
import { elementsOf } from '../tensors.ts';
import type { DenseLayer } from './operator.ts';

export const cases: OperatorCases<DenseLayer> = {
  reads: ['int8'],
  layer({ random, from, id, int8 }) {
    const output = int8(true);
    return { kind: 'dense', id: id('dense'), from, units: random.int(1, 33), output };
  },
  tensors(placed, random) {
    const { units } = placed.layer;
    const count = units * elementsOf(placed.inputs[0].shape);
    const weight = randomWeights(placed, count, units, random);
    return { weight, ...randomStage(placed, random, units, sumsOf(placed, weight, units)) };
  },
};
