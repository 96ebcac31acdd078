import type { CSource } from '../../c/c-source.ts';
import { asSigns, asStream, holds } from '../../c/c-text.ts';
import type { KernelSet } from '../../c/kernel-sets.ts';
import { windowText } from '../convolution/emit.ts';
import { trim } from '../convolution/taps.ts';
import { mapBytes } from '../maps.ts';
import type { Addresses, Overlap } from '../operator.ts';
import { outputStageText } from '../output-stage/emit.ts';
import type { LayerTensors } from '../tensors.ts';
import type { PlacedXnor } from './layer.ts';
import { patchWords } from './packing.ts';
import { xnorPackings } from './packings.ts';
import { isTabled, signTables } from './tables.ts';
import { xnorWeights } from './weights.ts';

/** The oto_xnor of a layer, and its tables where it has some. */
export function emitConstants(
  c: CSource,
  placed: PlacedXnor,
  tensors: LayerTensors,
  kernels: KernelSet,
): void {
  const { id, output, padding, padValue } = placed.layer;
  const packing = xnorPackings[kernels];
  const { words, ones } = xnorWeights(placed, tensors, packing.words(patchWords(placed)));
  c.array(`${id}_weight`, { type: 'uint32_t', values: packing.pack(words, placed) });
  const corrected = padding === 'same' && padValue === 0;
  const wide = ones.some((n) => n > 255);
  if (corrected) {
    c.array(`${id}_pad_ones`, { type: wide ? 'uint16_t' : 'uint8_t', values: ones });
  }
  const [kh, kw] = trim(placed).kernel;
  const reach = kh * kw * placed.inputs[0].shape[2];
  const shortcutChannels = placed.inputs[1]?.shape[2];
  const stage = outputStageText(c, { id, output, tensors, reach, shortcutChannels });
  c.put(
    `OTO_XNOR_LOOPS(${id}, ${output.type === 'bits' ? 1 : 0}, ${kh}, ${kw}, ${placed.inputs[0].shape[2]});`,
    `static const oto_xnor ${id} = {`,
    `    .window = ${windowText(placed)},`,
    `    .pad_value = ${padValue},`,
    `    .weight = ${id}_weight, .loops = &${id}_loops,`,
    `    .pad_ones = ${corrected && !wide ? `${id}_pad_ones` : 'NULL'},`,
    `    .pad_ones16 = ${corrected && wide ? `${id}_pad_ones` : 'NULL'},`,
    `    .stage = ${stage},`,
    '};',
  );
  if (isTabled(placed)) emitTables(c, placed, tensors);
}

function emitTables(c: CSource, placed: PlacedXnor, tensors: LayerTensors): void {
  const { id } = placed.layer;
  const { inside, top, bottom } = signTables(placed, tensors);
  c.array(`${id}_inside`, { type: 'uint32_t', values: inside });
  c.array(`${id}_top`, { type: 'uint32_t', values: top });
  c.array(`${id}_bottom`, { type: 'uint32_t', values: bottom });
}

/** The call of a layer's kernel. */
export function callsOf(placed: PlacedXnor, at: Addresses): readonly string[] {
  const { layer, inputs, output } = placed;
  const { id, channels } = layer;
  const { kernel } = trim(placed);
  const [input, stream] = inputs;
  const source = asSigns(at.inputs[0]);
  if (isTabled(placed)) {
    const sizes = [kernel[0] * kernel[1], input.shape[2], channels].join(', ');
    return [
      holds(`OTO_XNOR_SCRATCH(${sizes})`, at.scratchBytes, 'scratch'),
      `const oto_xnor_table table = {${id}_inside, ${id}_top, ${id}_bottom};`,
      `oto_xnor_table_run(&${id}, &table, ${source}, ${at.output}, ${at.scratch});`,
    ];
  }
  const shortcut = at.inputs[1] === undefined ? 'NULL' : asStream(at.inputs[1]);
  const sizes = [input.shape[2], output.shape[1], channels, ...kernel];
  const steps = [layer.stride[1], layer.pool[1]];
  return [
    holds(`OTO_XNOR_RUN_SCRATCH(${[...sizes, ...steps].join(', ')})`, at.scratchBytes, 'scratch'),
    `oto_xnor_run(&${id}, ${source}, ${shortcut}, ${stream?.shape[1] ?? 0},`,
    `             ${at.output}, ${at.scratch});`,
  ];
}

/** Each value of a residual stage reads the shortcut at its own position, then is written. */
export function overShortcut({ layer, inputs, output }: PlacedXnor): Overlap | undefined {
  const stream = inputs[1];
  if (layer.output.type !== 'residual' || stream === undefined) return undefined;
  const id = layer.output.shortcut;
  const [, width, channels] = stream.shape;
  if (channels === layer.channels) return { id, gap: 0 };
  const inRowBytes = width * channels * 2;
  const outRowBytes = mapBytes(output) / output.shape[0];
  let gap = 0;
  for (let r = 0; r < output.shape[0]; r++) {
    gap = Math.max(gap, (r + 1) * outRowBytes - r * layer.pool[0] * inRowBytes);
  }
  return { id, gap };
}
