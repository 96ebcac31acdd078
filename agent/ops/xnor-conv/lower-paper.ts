import { foldedNorm } from '../convolution/batch-norm.ts';
import { type Block, type BlockOperator, windowOf } from '../convolution/block.ts';
import type { Lowering, ParameterValues, RandomLowering, SignLevel } from '../lowering.ts';
import { randomOutput } from '../output-stage/random.ts';
import { ALWAYS, clampInt, reluOutput, requantized } from '../output-stage/requantize.ts';
import { lowerSigns } from '../sign/lower.ts';
import { outputsFirst } from '../weights.ts';
import { packedShape, packSigns, randomKernel, spreadOfSigns } from './binary-weights.ts';
import type { XnorConvLayer } from './layer.ts';

/** A block in the paper's form: signs of its input, then a binary convolution whose scale is folded away. */
export const paper: BlockOperator = {
  binary: true,
  reads: 'bits',
  channelParameters: (_node, inputs) => 2 * inputs,
  signLevel,
  lower,
  lowerRandom,
};

/** Value from which batch norm and sign give +1 (gamma is positive). */
function signLevel(values: ParameterValues): SignLevel {
  const { scale, offset } = foldedNorm(values);
  // After the change of axes all values are in one channel.
  return (n) => -(offset[n % offset.length] ?? 0) / (scale[n % scale.length] ?? 1);
}

function lower(node: Block, to: Lowering): void {
  const { id, channels } = node;
  const inputs = to.input[2];
  const weights = outputsFirst(to.values('weight'), inputs, channels);
  const taps = weights.length / channels;
  const alpha = meanMagnitudes(weights, channels);
  to.tensor(`${id}.weight`, packSigns(weights, inputs, channels), packedShape(node, inputs));
  const { source } = to;
  const from = source.type === 'bits' ? source.id : lowerSigns(id, to, signLevel(to.values));
  const layer = { ...windowOf(node), kind: 'xnorConv', id, from, padValue: 0 } as const;
  const level = to.reader?.signLevel;
  if (level !== undefined) {
    const thresholds = Int32Array.from(alpha, (a, n) => {
      const t = level(n);
      return t <= 0 ? ALWAYS : clampInt(Math.ceil(t / a));
    });
    to.tensor(`${id}.threshold`, thresholds, [channels]);
    to.layer<XnorConvLayer>({ ...layer, output: { type: 'bits' } });
    to.gives({ type: 'bits', scale: 1, zeroPoint: 0 });
    return;
  }
  const scale = to.step();
  const sums = {
    unit: alpha,
    bias: new Float64Array(channels),
    reach: new Float64Array(channels).fill(taps),
  };
  const shift = requantized(to, id, sums, scale);
  to.layer<XnorConvLayer>({ ...layer, output: reluOutput(shift, scale) });
  to.gives({ type: 'int8', scale, zeroPoint: -128 });
}

/** Mean magnitude of each filter's weights, by which its sums are scaled. */
function meanMagnitudes(weights: Float64Array, filters: number): Float64Array {
  const per = weights.length / filters;
  return Float64Array.from({ length: filters }, (_, n) => {
    let sum = 1e-12;
    for (let k = 0; k < per; k++) sum += Math.abs(weights[n * per + k] ?? 0);
    return sum / per;
  });
}

/** Sums of signs are small: shifting them first keeps the multiplier below 2^31. */
const SHIFT = 12;

function lowerRandom(node: Block, to: RandomLowering): void {
  const { id, channels } = node;
  randomKernel(node, to);
  const output = randomOutput(to, { id, channels, shift: SHIFT }, spreadOfSigns(node, to.input[2]));
  const layer = {
    ...windowOf(node),
    kind: 'xnorConv',
    id,
    from: to.source.id,
    padValue: 0,
  } as const;
  to.layer<XnorConvLayer>({ ...layer, output }, output.type);
}
