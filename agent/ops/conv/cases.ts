import type { CaseContext, OperatorCases } from '../cases.ts';
import { randomWindow } from '../convolution/cases.ts';
import { randomOutput, randomStage, randomWeights, sumsOf } from '../output-stage/cases.ts';
import type { ConvLayer } from './layer.ts';

/** A convolution with one of some types of output. */
export function randomConv(
  context: CaseContext,
  types: readonly ConvLayer['output']['type'][],
): ConvLayer {
  const window = randomWindow(context.random, context.map.shape);
  const output = randomOutput(context, types);
  return { kind: 'conv', id: context.id('conv'), from: context.from, ...window, output };
}

export const cases: OperatorCases<ConvLayer> = {
  reads: ['int8', 'int16'],
  layer: (context) => randomConv(context, ['int8', 'int16', 'bits']),
  tensors(placed, random) {
    const { channels, kernel } = placed.layer;
    const count = channels * kernel[0] * kernel[1] * placed.inputs[0].shape[2];
    const weight = randomWeights(placed, count, channels, random);
    const sums = sumsOf(placed, weight, channels);
    return { weight, ...randomStage(placed, random, channels, sums) };
  },
};
