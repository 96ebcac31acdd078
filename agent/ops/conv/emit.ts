import { overlapGap } from '../../c/arena.ts';
import type { CSource, PackedArray } from '../../c/c-source.ts';
import { holds } from '../../c/c-text.ts';
import type { KernelSet } from '../../c/kernel-sets.ts';
import { windowText } from '../convolution/emit.ts';
import { trim } from '../convolution/taps.ts';
import { mapBytes } from '../maps.ts';
import type { Overlap } from '../operator.ts';
import { outputStageText } from '../output-stage/emit.ts';
import type { LayerTensors } from '../tensors.ts';
import type { PlacedConv } from './layer.ts';
import { convPackings } from './packings.ts';
import { type ConvWeights, convReach } from './weights.ts';

/** The oto_conv of a layer; `packed`: its weights, as its kernel wants them; `loops`: the macro that makes its hot loops. */
export function emitDescriptor(
  c: CSource,
  placed: PlacedConv,
  tensors: LayerTensors,
  kernels: KernelSet,
  weights: ConvWeights,
  packed: PackedArray,
  loops: string,
): void {
  const {
    layer: { id, output },
    inputs: [input],
  } = placed;
  const packing = convPackings[kernels];
  c.array(`${id}_weight`, packed);
  const reach = convReach(weights, input);
  const correction = packing.biasCorrection(weights, placed);
  const stage = outputStageText(c, { id, output, tensors, reach, correction });
  const source = input.type === 'int8' ? 'OTO_FROM_INT8' : 'OTO_FROM_INT16';
  c.put(
    `${loops};`,
    `static const oto_conv ${id} = {`,
    `    .window = ${windowText(placed)},`,
    `    .source = ${source}, .in_zero = ${input.zeroPoint}, .stripe = ${packing.stripe(placed)},`,
    `    .weight = ${id}_weight, .loops = &${id}_loops,`,
    `    .stage = ${stage},`,
    '};',
  );
}

/** The C side's words for a layer's scratch memory. */
export const scratchText = (placed: PlacedConv, kernels: KernelSet, bytes: number): string =>
  holds(`OTO_CONV_SCRATCH(${sizesOf(placed, kernels)})`, bytes, 'scratch');

/** The macro that makes a layer's hot loops. */
export const loopsText = (placed: PlacedConv, kernels: KernelSet): string =>
  `OTO_CONV_LOOPS(${placed.layer.id}, ${placed.layer.channels}, ${sizesOf(placed, kernels)})`;

/** What the C side's macros take, from the input's channels on. */
function sizesOf(placed: PlacedConv, kernels: KernelSet): string {
  const { layer, inputs, output } = placed;
  const [height, width] = output.shape;
  const maps = [inputs[0].shape[2], inputs[0].type === 'int8' ? 1 : 2, height, width];
  const stripe = convPackings[kernels].stripe(placed);
  const steps = [...trim(placed).kernel, ...layer.stride, ...layer.pool, stripe];
  return [...maps, ...steps].join(', ');
}

/** Kernels that copy rows before they write let the output follow the input up, row by row. */
export function overInput(placed: PlacedConv, kernels: KernelSet): Overlap | undefined {
  const { layer, inputs, output } = placed;
  // A map of signs is cleared before its first row is computed.
  if (!convPackings[kernels].tiled || output.type === 'bits') return undefined;
  const rowsPerOutput = layer.pool[0] * layer.stride[0];
  const padTop = trim(placed).pad[0];
  const gap = overlapGap({
    outRows: output.shape[0],
    outRowBytes: mapBytes(output) / output.shape[0],
    inRowBytes: mapBytes(inputs[0]) / inputs[0].shape[0],
    nextRead: (r) => Math.max(0, (r + 1) * rowsPerOutput - padTop),
  });
  return { id: layer.from, gap };
}
