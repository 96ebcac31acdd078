import { type Model, tensorOf } from '../model/model.ts';
import { bitNetwork } from './bit-network.ts';
import type { CSource, PackedArray } from './c-source.ts';
import { holds, windowText } from './emit-text.ts';
import type { KernelSet } from './kernels.ts';
import { type FrontSizes, STATE_HEADER } from './layout.ts';
import { type ConvStage, type FrontStage, stageName, type XnorStage } from './stages.ts';
import { convReach, convWeights, xnorWeights } from './weights.ts';

/** What emitting a front end needs of the rest of the emitter. */
export interface FrontContext {
  readonly model: Model;
  readonly c: CSource;
  readonly sizes: FrontSizes;
  readonly kernels: KernelSet;
  /** C expressions of the state's and the output map's addresses. */
  readonly state: string;
  readonly map: string;
  readonly comment: (stage: ConvStage | XnorStage) => void;
  readonly conv: (stage: ConvStage, packed: PackedArray) => void;
  readonly packFirst: (stage: ConvStage) => PackedArray;
  readonly packSecond: (stage: ConvStage) => PackedArray;
}

/** The streaming front end: `feed_front(arena, samples, count)`. */
export function emitFront(front: FrontStage, context: FrontContext): void {
  if (front.second.kind === 'conv') emitReal(front, front.second, context);
  else emitBinary(front, front.second, context);
}

function emitReal(front: FrontStage, second: ConvStage, context: FrontContext): void {
  const { c, sizes } = context;
  const { first } = front;
  context.comment(first);
  context.conv(first, context.packFirst(first));
  context.comment(second);
  context.conv(second, context.packSecond(second));
  const image = front.toImage !== undefined;
  const [frameStride, channelStride] = image ? [1, sizes.frames] : [second.layer.channels, 1];
  c.put(
    `/* ${stageName(front)} as samples arrive${image ? '; channels become rows' : ''} */`,
    'OTO_STAGE void feed_front(uint8_t *arena, const int16_t *samples, uint32_t count) {',
    `    ${holds('sizeof(oto_front_state)', STATE_HEADER, 'state')}`,
    `    ${holds('sizeof(oto_tile)', context.kernels.tileElement, 'tile')}`,
    `    const oto_front front = {.first = ${first.layer.id}, .second = ${second.layer.id}, .span = ${sizes.span}, .advance = ${sizes.advance},`,
    `                             .frames = ${sizes.frames}, .frame_stride = ${frameStride}, .channel_stride = ${channelStride}};`,
    `    oto_front_feed(&front, ${context.state}, ${sizes.sampleBytes}, ${context.map}, samples, count);`,
    '}',
    '',
  );
}

function emitBinary(front: FrontStage, second: XnorStage, context: FrontContext): void {
  const { c, sizes, model } = context;
  const { first } = front;
  const { id } = first.layer;
  context.comment(first);
  c.array(`${id}_weight`, negatedTaps(model, first));
  // Beyond what a sum reaches a threshold only says always or never; taken as it is, it could wrap.
  const reach = convReach(convWeights(model, first), first.placed.input);
  const threshold = tensorOf(model, id, 'threshold', Int32Array).map(
    (t) => Math.min(Math.max(t, -reach), reach + 1) - 1,
  );
  c.array(`${id}_threshold`, { type: 'int32_t', values: threshold });
  context.comment(second);
  emitNetwork(model, second, c);
  const inputs = second.layer.kernel[1] * second.placed.input.shape[2];
  c.put(
    `/* ${stageName(front)} as samples arrive; channels become rows */`,
    'OTO_STAGE void feed_front(uint8_t *arena, const int16_t *samples, uint32_t count) {',
    `    ${holds('sizeof(oto_front_state)', STATE_HEADER, 'state')}`,
    `    ${holds('sizeof(oto_lanes)', context.kernels.laneWords * 4, 'lanes')}`,
    '    const oto_front_bits front = {',
    `        .first = {.window = ${windowText(first)},`,
    `                  .weight = ${id}_weight, .stage = {.kind = OTO_TO_BITS, .threshold = ${id}_threshold}},`,
    `        .second = ${windowText(second)},`,
    `        .network = ${second.layer.id}_network, .frames = ${sizes.frames}, .batch = ${sizes.batch}, .words = ${sizes.words}};`,
    `    oto_lanes x[${inputs}], y[${second.layer.channels}];`,
    `    oto_front_bits_feed(&front, ${context.state}, ${sizes.sampleBytes}, (uint32_t *)(void *)(${context.map}), samples, count, x, y);`,
    '}',
    '',
  );
}

/** int16 [channel][taps, made even with a 0], negated, so that a set sign bit means "reaches the threshold". */
function negatedTaps(model: Model, stage: ConvStage): PackedArray {
  const { channels, kernel, data } = convWeights(model, stage);
  const taps = kernel[1];
  const even = Math.ceil(taps / 2) * 2;
  const values = new Int16Array(channels * even);
  for (let n = 0; n < channels; n++) {
    for (let k = 0; k < taps; k++) values[n * even + k] = -(data[n * taps + k] ?? 0);
  }
  return { type: 'int16_t', values };
}

function emitNetwork(model: Model, stage: XnorStage, c: CSource): void {
  const inputs = stage.layer.kernel[1] * stage.placed.input.shape[2];
  const { words } = xnorWeights(model, stage, Math.ceil(inputs / 32));
  const threshold = tensorOf(model, stage.layer.id, 'threshold', Int32Array);
  const signs = words.map((w) =>
    Array.from({ length: inputs }, (_, i) => ((w[i >> 5] ?? 0) >>> (i & 31)) & 1),
  );
  // inputs - 2 * differing >= threshold
  const limits = words.map((_, n) => Math.floor((inputs - (threshold[n] ?? 0)) / 2) + 1);
  const network = bitNetwork(signs, limits);
  c.put(
    `/* ${network.operations} operations for ${inputs * words.length} MACs of each position */`,
    '#define V oto_lanes',
    `OTO_STAGE void ${stage.layer.id}_network(const V *x, V *out) {`,
    ...network.lines.map((line) => `    ${line}`),
    '}',
    '#undef V',
  );
}

/** Tables of a convolution of one channel (oto_xnor_table): words of output signs by the bits of a patch. */
export function tablesOf(
  model: Model,
  stage: XnorStage,
): { readonly inside: Uint32Array; readonly top: Uint32Array; readonly bottom: Uint32Array } {
  const { words } = xnorWeights(model, stage, 1);
  const threshold = tensorOf(model, stage.layer.id, 'threshold', Int32Array);
  /** `rows` of the kernel, from the `from`-th on, meet the map; `bits` are those rows' inputs. */
  const signs = (bits: number, from: number, rows: number): number => {
    const mask = ((1 << (rows * 3)) - 1) << (from * 3);
    let out = 0;
    words.forEach((w, n) => {
      const differing = ones(((bits << (from * 3)) ^ (w[0] ?? 0)) & mask);
      if (rows * 3 - 2 * differing >= (threshold[n] ?? 0)) out |= 1 << n;
    });
    return out >>> 0;
  };
  return {
    inside: Uint32Array.from({ length: 512 }, (_, i) => signs(i, 0, 3)),
    top: Uint32Array.from({ length: 64 }, (_, i) => signs(i, 1, 2)),
    bottom: Uint32Array.from({ length: 64 }, (_, i) => signs(i, 0, 2)),
  };
}

function ones(value: number): number {
  let n = 0;
  for (let v = value; v !== 0; v &= v - 1) n++;
  return n;
}
