import { foldedNorm } from '../convolution/batch-norm.ts';
import { type Block, type BlockOperator, windowOf } from '../convolution/block.ts';
import type { Lowering, RandomLowering, SignLevel } from '../lowering.ts';
import { randomOutput, randomWeights, SPREAD } from '../output-stage/random.ts';
import {
  ALWAYS,
  clampInt,
  type RealSums,
  reluOutput,
  requantized,
} from '../output-stage/requantize.ts';
import type { ConvLayer } from './layer.ts';
import { quantizeConv } from './quantize.ts';

/** A real block: int8, or what the binary block behind it reads. */
export const plain: BlockOperator = {
  binary: false,
  reads: 'int8',
  channelParameters: ({ channels }) => 2 * channels,
  lower,
  lowerRandom,
};

function lower(node: Block, to: Lowering): void {
  const { id, channels } = node;
  const inputs = to.input[2];
  const { quantized, ...sums } = quantizeConv({
    node,
    inputs,
    weights: to.values('weight'),
    norm: foldedNorm(to.values),
    source: to.source,
    means: to.inputMeans,
  });
  to.tensor(`${id}.weight`, quantized, [channels, ...node.kernel, inputs]);
  const layer = { ...windowOf(node), kind: 'conv', id, from: to.source.id } as const;
  if (to.reader?.signLevel !== undefined) {
    to.tensor(`${id}.threshold`, thresholds(sums, to.reader.signLevel), [channels]);
    to.layer<ConvLayer>({ ...layer, output: { type: 'bits' } });
    to.gives({ type: 'bits', scale: 1, zeroPoint: 0 });
    return;
  }
  const streams = to.reader?.reads === 'int16';
  const scale = streams ? to.streamScale : to.step();
  const shift = requantized(to, id, sums, scale);
  if (streams) {
    to.layer<ConvLayer>({ ...layer, output: { type: 'int16', min: 0, shift, scale } });
    to.gives({ type: 'int16', scale, zeroPoint: 0 });
  } else {
    to.layer<ConvLayer>({ ...layer, output: reluOutput(shift, scale) });
    to.gives({ type: 'int8', scale, zeroPoint: -128 });
  }
}

/** Accumulators from which on ReLU(unit * acc + bias) reaches the reader's level; below 0 every value passes. */
function thresholds({ unit, bias }: RealSums, level: SignLevel): Int32Array {
  return Int32Array.from(unit, (u, n) => {
    const t = level(n);
    return t <= 0 ? ALWAYS : clampInt(Math.ceil((t - (bias[n] ?? 0)) / u));
  });
}

function lowerRandom(node: Block, to: RandomLowering): void {
  const { id, channels, kernel } = node;
  const inputs = to.input[2];
  randomWeights(to, `${id}.weight`, [channels, ...kernel, inputs]);
  const reach = to.source.type === 'int16' ? SPREAD.int16 : SPREAD.int8;
  const spread = reach * SPREAD.uniformWeight * Math.sqrt(kernel[0] * kernel[1] * inputs);
  const output = randomOutput(to, { id, channels, shift: 0 }, spread);
  to.layer<ConvLayer>(
    { kind: 'conv', id, from: to.source.id, ...windowOf(node), output },
    output.type,
  );
}
