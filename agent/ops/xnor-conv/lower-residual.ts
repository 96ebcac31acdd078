import { foldedNorm } from '../convolution/batch-norm.ts';
import { type Block, type BlockOperator, windowOf } from '../convolution/block.ts';
import type { Lowering, RandomLowering } from '../lowering.ts';
import { randomInts, SPREAD, STREAM_SCALE } from '../output-stage/random.ts';
import { lowerSigns, randomSigns } from '../sign/lower.ts';
import { outputsFirst } from '../weights.ts';
import { packedShape, packSigns, randomKernel, spreadOfSigns } from './binary-weights.ts';
import type { XnorConvLayer } from './layer.ts';

/** A residual block: batch norm, shifts and shortcut in 16 bits around a binary convolution. */
export const residual: BlockOperator = {
  binary: true,
  reads: 'int16',
  // A threshold for each input; gamma and beta, and two shifts and a slope for each output.
  channelParameters: ({ channels }, inputs) => inputs + 2 * channels + 3 * channels,
  lower,
  lowerRandom,
};

function lower(node: Block, to: Lowering): void {
  const { id, channels } = node;
  const { source, values } = to;
  const inputs = to.input[2];
  const threshold = values('threshold');
  const from = lowerSigns(id, to, (c) => threshold[c] ?? 0);
  const { scale, offset } = foldedNorm(values);
  const weights = outputsFirst(values('weight'), inputs, channels);
  // A negative factor is carried by the weights, so that multipliers stay positive.
  const packed = packSigns(weights, inputs, channels, (n) => (scale[n] ?? 0) < 0);
  to.tensor(`${id}.weight`, packed, packedShape(node, inputs));
  const [shiftIn, shiftOut] = [values('shiftIn'), values('shiftOut')];
  const factor = scale.map((s) => Math.abs(s) / source.scale);
  const added = offset.map(
    (o, n) => (o - (shiftIn[n] ?? 0) + source.offset(n % inputs)) / source.scale,
  );
  const shift = shiftFor(factor, added, weights.length / channels);
  const round = shift === 0 ? 0 : 2 ** (shift - 1);
  const int16 = (values: Iterable<number>): Int16Array =>
    Int16Array.from(values, (v) => Math.min(32767, Math.round(v)));
  to.tensor(`${id}.multiplier`, int16(factor.map((f) => f * 2 ** shift)), [channels]);
  const bias = Int32Array.from(added, (a) => Math.round(a * 2 ** shift) + round);
  to.tensor(`${id}.bias`, bias, [channels]);
  to.tensor(`${id}.slope`, int16(Float64Array.from(values('slope'), (s) => s * 32768)), [channels]);
  to.layer<XnorConvLayer>({
    ...windowOf(node),
    kind: 'xnorConv',
    id,
    from,
    padValue: 0,
    output: { type: 'residual', shortcut: source.id, shift, scale: source.scale },
  });
  to.gives({ type: 'int16', scale: source.scale, zeroPoint: 0 }, (n) => shiftOut[n] ?? 0);
}

/** The largest shift that keeps multipliers in 16 bits and sums in 32. */
function shiftFor(factor: Float64Array, added: Float64Array, taps: number): number {
  for (let shift = 15; shift > 0; shift--) {
    const fits = factor.every((f, n) => {
      const m = Math.round(f * 2 ** shift);
      return m <= 32767 && taps * m + (Math.abs(added[n] ?? 0) + 1) * 2 ** shift < 2 ** 31 - 1;
    });
    if (fits) return shift;
  }
  return 0;
}

function lowerRandom(node: Block, to: RandomLowering): void {
  const { id, channels } = node;
  const from = randomSigns(id, to);
  randomKernel(node, to);
  const shift = 8;
  const spread = spreadOfSigns(node, to.input[2]);
  const unit = Math.max(1, Math.round((SPREAD.int16 / 4 / spread) * 2 ** shift));
  const int16 = (least: number, most: number): Int16Array =>
    Int16Array.from({ length: channels }, () => to.random.int(least, most));
  to.tensor(`${id}.multiplier`, int16(1, Math.min(32767, 2 * unit)), [channels]);
  randomInts(to, `${id}.bias`, channels, 100_000);
  to.tensor(`${id}.slope`, int16(0, 16384), [channels]);
  const output = { type: 'residual', shortcut: to.source.id, shift, scale: STREAM_SCALE } as const;
  to.layer<XnorConvLayer>(
    { kind: 'xnorConv', id, from, ...windowOf(node), padValue: 0, output },
    'int16',
  );
}
