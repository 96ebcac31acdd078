import type { OperatorCases } from '../cases.ts';
import { randomNumbers } from '../output-stage/cases.ts';
import type { SignLayer } from './operator.ts';

/** Values of a map are usually up to 2000. */
const SUMS = { reach: 4000, typical: 2000 };

export const cases: OperatorCases<SignLayer> = {
  reads: ['int8', 'int16'],
  layer: ({ from, id }) => ({ kind: 'sign', id: id('sign'), from }),
  tensors: ({ inputs: [{ shape }] }, random) => randomNumbers(random, shape[2], SUMS, 0, 70),
};
