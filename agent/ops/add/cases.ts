import type { Random } from '../../base/random.ts';
import type { OperatorCases } from '../cases.ts';
import type { AddLayer } from './layer.ts';

export const cases: OperatorCases<AddLayer> = {
  reads: ['int8'],
  layer(context) {
    const { random, from } = context;
    const other = random.chance(0.1) ? from : context.beside();
    const fraction = random.int(1, 22);
    const factors: [number, number] = [factor(random, fraction), factor(random, fraction)];
    const { zeroPoint, min, max, scale } = context.int8(random.chance(0.5));
    const output = { type: 'int8', zeroPoint, min, max, scale } as const;
    return { kind: 'add', id: context.id('add'), from, with: other, factors, fraction, output };
  },
  tensors: () => ({}),
};

/** Around one; now and then none, or half of the most that two may amount to. */
function factor(random: Random, fraction: number): number {
  const most = Math.floor((2 ** 31 - 1 - 2 ** (fraction - 1)) / 512);
  if (random.chance(0.1)) return random.pick([0, most]);
  return Math.min(most, Math.round((2 ** fraction * random.int(20, 180)) / 100));
}
