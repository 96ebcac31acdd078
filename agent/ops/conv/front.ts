import type { CSource } from '../../c/c-source.ts';
import { holds } from '../../c/c-text.ts';
import type { KernelSet } from '../../c/kernel-sets.ts';
import { OVERREAD, STATE_HEADER, sampleBytes, slidesAlong } from '../convolution/front.ts';
import type { Sliding } from '../convolution/window.ts';
import { WINDOW } from '../maps.ts';
import type { AnyLayer, FrontContext, FrontEnd, Neighbours, Placed } from '../operator.ts';
import { emitDescriptor } from './emit.ts';
import { isConv, type PlacedConv } from './layer.ts';
import { convPackings } from './packings.ts';
import { convWeights } from './weights.ts';

/**
 * The convolution that a front end begins with, where `second` continues it: one channel of samples, no pool, a map of
 * `type` that nothing else reads. Then a pool makes little of much.
 */
export function firstOf(
  second: Placed<AnyLayer & Sliding>,
  around: Neighbours,
  type: 'int8' | 'bits',
): PlacedConv | undefined {
  const [first, ...others] = around.before;
  if (first === undefined || others.length > 0 || !isConv(first)) return undefined;
  const { layer, inputs, output } = first;
  const streams =
    layer.from === WINDOW &&
    around.readers(WINDOW) === 1 &&
    inputs[0].shape[2] === 1 &&
    slidesAlong(first) &&
    layer.pool[1] === 1 &&
    output.type === type;
  const continued =
    second.layer.from === layer.id &&
    around.readers(layer.id) === 1 &&
    slidesAlong(second) &&
    second.layer.pool[1] > 1 &&
    second.output.type === type;
  return streams && continued ? first : undefined;
}

/** Positions past the last one that kernels may compute, to fill a block. */
const SPARE_POSITIONS = 3;

/** Two real convolutions and a pool as samples arrive; their channels become rows where the layer behind wants that. */
export function frontOf(second: PlacedConv, around: Neighbours): FrontEnd | undefined {
  const first = firstOf(second, around, 'int8');
  if (first === undefined) return undefined;
  const sizes = sizesOf(first, second);
  const { turn } = around;
  return {
    name: `${first.layer.id}+${second.layer.id}`,
    layers: turn === undefined ? 2 : 3,
    stateBytes: (kernels) => STATE_HEADER + sizes.sampleBytes + tileBytes(first, second, kernels),
    reset: 'oto_front_reset',
    emit: (c, context) => emit(c, context, first, second, turn !== undefined),
  };
}

/** Positions of the first convolution that a pool field reads, and from one field to the next; the samples of those. */
function sizesOf(first: PlacedConv, { layer }: PlacedConv) {
  const span = (layer.pool[1] - 1) * layer.stride[1] + layer.kernel[1];
  const advance = layer.pool[1] * layer.stride[1];
  return { span, advance, sampleBytes: sampleBytes(first.layer, span) };
}

function tileBytes(first: PlacedConv, second: PlacedConv, kernels: KernelSet): number {
  const positions = sizesOf(first, second).span + SPARE_POSITIONS * second.layer.stride[1];
  return positions * first.layer.channels * convPackings[kernels].tileElement + OVERREAD;
}

/** The macros that make the hot loops of both convolutions. */
function firstLoops({ layer: { id, kernel, stride, channels, output } }: PlacedConv): string {
  const shift = 'shift' in output ? output.shift : 0;
  return `OTO_FRONT_FIRST_LOOPS(${[id, kernel[1], stride[1], channels, shift].join(', ')})`;
}
function secondLoops({ layer, inputs }: PlacedConv): string {
  const { id, kernel, stride, pool, channels } = layer;
  const sizes = [kernel[1], stride[1], inputs[0].shape[2], pool[1], channels];
  return `OTO_FRONT_SECOND_LOOPS(${[id, ...sizes].join(', ')})`;
}

function emit(
  c: CSource,
  context: FrontContext,
  first: PlacedConv,
  second: PlacedConv,
  toImage: boolean,
): void {
  const { kernels } = context;
  const packing = convPackings[kernels];
  for (const placed of [first, second]) {
    c.put(context.heading(placed.layer));
    const tensors = context.tensors(placed.layer);
    const weights = convWeights(placed, tensors);
    const packed =
      placed === first ? packing.packFirst(weights, first) : packing.packSecond(weights);
    const loops = placed === first ? firstLoops(first) : secondLoops(second);
    emitDescriptor(c, placed, tensors, kernels, weights, packed, loops);
  }
  const { span, advance, sampleBytes } = sizesOf(first, second);
  const frames = second.output.shape[1];
  const [frameStride, channelStride] = toImage ? [1, frames] : [second.layer.channels, 1];
  const name = `${first.layer.id}+${second.layer.id}`;
  c.put(
    `/* ${name} as samples arrive${toImage ? '; channels become rows' : ''} */`,
    'OTO_STAGE void feed_front(uint8_t *arena, const int16_t *samples, uint32_t count) {',
    `    ${holds('sizeof(oto_front_state)', STATE_HEADER, 'state')}`,
    `    ${holds('sizeof(oto_tile)', packing.tileElement, 'tile')}`,
    `    const oto_front front = {.first = ${first.layer.id}, .second = ${second.layer.id}, .span = ${span}, .advance = ${advance},`,
    `                             .frames = ${frames}, .frame_stride = ${frameStride}, .channel_stride = ${channelStride}};`,
    `    oto_front_feed(&front, ${context.state}, ${sampleBytes}, ${context.map}, samples, count);`,
    '}',
    '',
  );
}
