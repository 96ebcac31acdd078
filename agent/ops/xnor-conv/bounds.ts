import { ACCUMULATOR_LIMIT } from '../bounds.ts';
import { outputBias, outputFault } from '../output-stage/tensors.ts';
import type { LayerTensors } from '../tensors.ts';
import type { PlacedXnor } from './layer.ts';

/** Most that a residual stage's shortcut adds to what may not have been shifted at all. */
const SHORTCUT = 2 ** 15;

/** Sums that could overflow, or weights of channels that are not there (firmware/SPEC.md, "Bounds"). */
export function boundsFault(placed: PlacedXnor, tensors: LayerTensors): string | undefined {
  return (
    outputFault(placed.layer.output, tensors) ??
    sumsFault(placed, tensors) ??
    weightsFault(placed, tensors)
  );
}

function sumsFault({ layer, inputs }: PlacedXnor, tensors: LayerTensors): string | undefined {
  const { channels, kernel, output } = layer;
  const taps = kernel[0] * kernel[1] * inputs[0].shape[2];
  const bias = outputBias(output, tensors);
  const limit = output.type === 'residual' ? ACCUMULATOR_LIMIT - SHORTCUT : ACCUMULATOR_LIMIT;
  const scales = scalesOf(layer.output, tensors);
  for (let c = 0; c < channels; c++) {
    if (taps * scales(c) + Math.abs(bias?.[c] ?? 0) > limit) return `can overflow channel ${c}`;
  }
  return undefined;
}

/** What a stage multiplies a channel's sum by before it adds the bias. */
function scalesOf(
  output: PlacedXnor['layer']['output'],
  tensors: LayerTensors,
): (channel: number) => number {
  switch (output.type) {
    case 'residual': {
      const multiplier = tensors.int16('multiplier');
      return (c) => multiplier[c] ?? 0;
    }
    case 'bits':
      return () => 1;
    case 'int8':
    case 'int16':
      return () => 2 ** output.shift;
  }
}

function weightsFault({ inputs }: PlacedXnor, tensors: LayerTensors): string | undefined {
  const weight = tensors.uint8('weight');
  const channels = inputs[0].shape[2];
  const bytes = Math.ceil(channels / 8);
  const used = channels % 8 === 0 ? 0xff : (1 << (channels % 8)) - 1;
  for (let i = bytes - 1; i < weight.length; i += bytes) {
    if (((weight[i] ?? 0) & ~used) !== 0) return 'has weight bits beyond its last channel';
  }
  return undefined;
}
