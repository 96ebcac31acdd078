import type { OperatorCases, Site } from '../cases.ts';
import { randomWindow } from '../convolution/cases.ts';
import { randomOutput, randomStage, randomWeights, sumsOf } from '../output-stage/cases.ts';
import type { ConvLayer } from './layer.ts';

/** A convolution with one of some types of output. */
export function randomConv(site: Site, types: readonly ConvLayer['output']['type'][]): ConvLayer {
  const window = randomWindow(site.random, site.map.shape);
  const output = randomOutput(site, types);
  return { kind: 'conv', id: site.id('conv'), from: site.from, ...window, output };
}

export const cases: OperatorCases<ConvLayer> = {
  reads: ['int8', 'int16'],
  layer: (site) => randomConv(site, ['int8', 'int16', 'bits']),
  tensors(placed, random) {
    const { channels, kernel } = placed.layer;
    const count = channels * kernel[0] * kernel[1] * placed.inputs[0].shape[2];
    const weight = randomWeights(placed, count, channels, random);
    const sums = sumsOf(placed, weight, channels);
    return { weight, ...randomStage(placed, random, channels, sums) };
  },
};
