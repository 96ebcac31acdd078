import type { CSource, PackedArray } from '../../c/c-source.ts';
import { holds } from '../../c/c-text.ts';
import type { KernelSet } from '../../c/kernel-sets.ts';
import { firstOf } from '../conv/front.ts';
import type { PlacedConv } from '../conv/layer.ts';
import { type ConvWeights, convReach, convWeights } from '../conv/weights.ts';
import { windowText } from '../convolution/emit.ts';
import { STATE_HEADER, sampleBytes } from '../convolution/front.ts';
import type { FrontContext, FrontEnd, Neighbours } from '../operator.ts';
import type { LayerTensors } from '../tensors.ts';
import { bitNetwork } from './bit-network.ts';
import type { PlacedXnor } from './layer.ts';
import { xnorPackings } from './packings.ts';
import { xnorWeights } from './weights.ts';

/** Straight-line code grows with inputs times channels; beyond this a binary front end is run as layers. */
const LARGEST_NETWORK = 4096;
/** Positions of a batch, at most: eight words, two vectors of 128 bits. */
const BATCH_POSITIONS = 256;

/** A real convolution to signs, a binary one and a pool as samples arrive, one row per channel: bits are positions. */
export function frontOf(second: PlacedXnor, around: Neighbours): FrontEnd | undefined {
  const first = firstOf(second, around, 'bits');
  const { turn } = around;
  if (first === undefined || turn === undefined) return undefined;
  if (inputsOf(second) * second.layer.channels > LARGEST_NETWORK) return undefined;
  return {
    name: `${first.layer.id}+${second.layer.id}`,
    layers: 3,
    stateBytes: (kernels) => sizesOf(first, second, kernels).stateBytes,
    reset: 'oto_front_reset',
    emit: (c, context) => emit(c, context, first, second),
  };
}

const inputsOf = ({ layer, inputs }: PlacedXnor): number => layer.kernel[1] * inputs[0].shape[2];

/** What is computed at once: pool fields of a batch, and words of a plane of their positions (firmware/nn/fused-front-end/bits.h). */
function sizesOf(first: PlacedConv, { layer, output }: PlacedXnor, kernels: KernelSet) {
  const [stride, pool] = [layer.stride[1], layer.pool[1]];
  const { channels } = first.layer;
  // The last tap of a batch's last position lies this many bits beyond it, in its phase's plane.
  const beyond = Math.floor((layer.kernel[1] - 1) / stride);
  const fields = Math.floor((BATCH_POSITIONS - beyond) / pool);
  const batch = Math.max(1, Math.min(output.shape[1], fields));
  const lanes = xnorPackings[kernels].laneWords;
  const words = Math.ceil((batch * pool + beyond) / 32 / lanes) * lanes;
  const samples = sampleBytes(first.layer, words * 32 * stride);
  const planes = 4 * (stride * channels * (words + lanes) + layer.channels * words);
  return { batch, words, sampleBytes: samples, stateBytes: STATE_HEADER + samples + planes };
}

function emit(c: CSource, context: FrontContext, first: PlacedConv, second: PlacedXnor): void {
  const { kernels } = context;
  const { batch, words, sampleBytes } = sizesOf(first, second, kernels);
  const { id } = first.layer;
  c.put(context.heading(first.layer));
  emitFirst(c, first, context.tensors(first.layer), second.layer.stride[1]);
  c.put(context.heading(second.layer));
  emitNetwork(c, second, context.tensors(second.layer));
  c.put(
    `/* ${id}+${second.layer.id} as samples arrive; channels become rows */`,
    'OTO_STAGE void feed_front(uint8_t *arena, const int16_t *samples, uint32_t count) {',
    `    ${holds('sizeof(oto_front_state)', STATE_HEADER, 'state')}`,
    `    ${holds('sizeof(oto_lanes)', xnorPackings[kernels].laneWords * 4, 'lanes')}`,
    '    const oto_front_bits front = {',
    `        .first = {.window = ${windowText(first)},`,
    `                  .weight = ${id}_weight, .loops = &${id}_loops, .stage = {.kind = OTO_TO_BITS, .threshold = ${id}_threshold}},`,
    `        .second = ${windowText(second)},`,
    `        .network = ${second.layer.id}_network, .frames = ${second.output.shape[1]}, .batch = ${batch}, .words = ${words}};`,
    `    oto_lanes x[${inputsOf(second)}], y[${second.layer.channels}];`,
    `    oto_front_bits_feed(&front, ${context.state}, ${sampleBytes}, (uint32_t *)(void *)(${context.map}), samples, count, x, y);`,
    '}',
    '',
  );
}

/** `phases`: the second convolution's stride; each phase's outputs are computed apart. */
function emitFirst(c: CSource, first: PlacedConv, tensors: LayerTensors, phases: number): void {
  const { id, kernel, stride } = first.layer;
  const weights = convWeights(first, tensors);
  c.array(`${id}_weight`, negatedTaps(weights));
  // Beyond what a sum reaches a threshold only says always or never; taken as it is, it could wrap.
  const reach = convReach(weights, first.inputs[0]);
  const threshold = tensors
    .int32('threshold')
    .map((t) => Math.min(Math.max(t, -reach), reach + 1) - 1);
  c.array(`${id}_threshold`, { type: 'int32_t', values: threshold });
  c.put(`OTO_FRONT_BITS_LOOPS(${id}, ${kernel[1]}, ${stride[1] * phases});`);
}

/** int16 [channel][taps, made even with a 0], negated, so that a set sign bit means "reaches the threshold". */
function negatedTaps({ channels, kernel, data }: ConvWeights): PackedArray {
  const taps = kernel[1];
  const even = Math.ceil(taps / 2) * 2;
  const values = new Int16Array(channels * even);
  for (let n = 0; n < channels; n++) {
    for (let k = 0; k < taps; k++) values[n * even + k] = -(data[n * taps + k] ?? 0);
  }
  return { type: 'int16_t', values };
}

/** The second convolution as straight-line code of its weights and thresholds. */
function emitNetwork(c: CSource, second: PlacedXnor, tensors: LayerTensors): void {
  const inputs = inputsOf(second);
  const { words } = xnorWeights(second, tensors, Math.ceil(inputs / 32));
  const threshold = tensors.int32('threshold');
  const signs = words.map((w) =>
    Array.from({ length: inputs }, (_, i) => ((w[i >> 5] ?? 0) >>> (i & 31)) & 1),
  );
  // inputs - 2 * differing >= threshold
  const limits = words.map((_, n) => Math.floor((inputs - (threshold[n] ?? 0)) / 2) + 1);
  const network = bitNetwork(signs, limits);
  c.put(
    `/* ${network.operations} operations for ${inputs * words.length} MACs of each position */`,
    '#define V oto_lanes',
    `OTO_STAGE void ${second.layer.id}_network(const V *x, V *out) {`,
    ...network.lines.map((line) => `    ${line}`),
    '}',
    '#undef V',
  );
}
