import type { LstmLayer } from './plan.ts';
import type { MapInfo, PlacedLayer, PlanFault } from './shapes.ts';
import type { Tensor, TensorData } from './tensors.ts';

/** Largest magnitude that a 32-bit accumulator holds without wrapping. */
const LIMIT = 2 ** 31 - 1;

/**
 * Checks what the integers of a model must satisfy so that no kernel can overflow (SPEC.md, "Bounds").
 * Returns the first fault, or undefined.
 */
export function checkValues(
  layers: readonly PlacedLayer[],
  tensors: ReadonlyMap<string, Tensor>,
): PlanFault | undefined {
  for (const placed of layers) {
    const why = faultOf(placed, (name) => tensors.get(`${placed.layer.id}.${name}`)?.data);
    if (why !== undefined) return { layer: placed.layer.id, why };
  }
  return undefined;
}

type Get = (name: string) => TensorData | undefined;

function faultOf(placed: PlacedLayer, get: Get): string | undefined {
  const { layer, input } = placed;
  if (get('multiplier')?.some((m) => m < 0)) return 'has a negative multiplier';
  if (get('slope')?.some((s) => s < 0)) return 'has a negative PReLU slope';
  switch (layer.kind) {
    case 'conv':
    case 'dense': {
      const shift = 'shift' in layer.output ? layer.output.shift : 0;
      const units = layer.kind === 'conv' ? layer.channels : layer.units;
      return accumulatorFault(get('weight'), get('bias'), units, reachOf(input), shift);
    }
    case 'lstm':
      return lstmFault(layer, input, get);
    case 'xnorConv':
      return xnorFault(placed, get);
    case 'average': {
      const sum = input.shape[0] * input.shape[1] * 255 * 2 ** layer.output.shift;
      return sum > LIMIT ? 'can overflow its accumulator' : undefined;
    }
    case 'logMel':
      return logMelFault(get);
    case 'sign':
    case 'channelsToHeight':
      return undefined;
  }
}

/** Largest magnitude of an input once its zero point is subtracted. */
function reachOf({ type, zeroPoint }: MapInfo): number {
  return type === 'int16' ? 32768 : Math.max(127 - zeroPoint, zeroPoint + 128);
}

function lstmFault({ units, shift }: LstmLayer, input: MapInfo, get: Get): string | undefined {
  if (get('recurrentMultiplier')?.some((m) => m < 0)) return 'has a negative multiplier';
  return (
    accumulatorFault(get('weight'), get('bias'), 4 * units, reachOf(input), shift) ??
    accumulatorFault(get('recurrent'), undefined, 4 * units, 32768, 0)
  );
}

/** Most that the four samples of a window which meet in the first two stages of a transform may weigh, Q14. */
const MOST_OF_FOUR = 40_000;

function logMelFault(get: Get): string | undefined {
  const window = [...(get('window') ?? [])];
  const weighs = window.map(Math.abs);
  const quarter = window.length / 4;
  const four = (i: number): number =>
    [0, 1, 2, 3].reduce((sum, q) => sum + (weighs[i + q * quarter] ?? 0), 0);
  if (weighs.some((w, i) => w > 2 ** 14 || (i < quarter && four(i) > MOST_OF_FOUR))) {
    return 'has a window that can overflow its transform';
  }
  const twiddle = get('twiddle') ?? [];
  for (let j = 0; j < twiddle.length; j += 2) {
    const [re, im] = [twiddle[j] ?? 0, twiddle[j + 1] ?? 0];
    if (re < 0 || re * re + im * im > 2 ** 30 + 2 ** 16) return 'has a twiddle factor beyond 1';
  }
  const weight = get('weight') ?? [];
  if (weight.some((w) => w < 0)) return 'has a negative share of a band';
  const edge = [...(get('edge') ?? [])];
  const inOrder = edge.every((bin, i) => bin >= (edge[i - 1] ?? 0));
  return edge[0] === 0 && inOrder && edge.at(-1) === weight.length
    ? undefined
    : 'has bands that are not in order';
}

function accumulatorFault(
  weight: TensorData | undefined,
  bias: TensorData | undefined,
  units: number,
  reach: number,
  shift: number,
): string | undefined {
  if (weight === undefined) return 'lacks its weights';
  const taps = weight.length / units;
  for (let c = 0; c < units; c++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += Math.abs(weight[c * taps + k] ?? 0);
    if (sum * reach * 2 ** shift + Math.abs(bias?.[c] ?? 0) > LIMIT) {
      return `can overflow the accumulator of channel ${c}`;
    }
  }
  return undefined;
}

function xnorFault({ layer, input }: PlacedLayer, get: Get): string | undefined {
  if (layer.kind !== 'xnorConv') return undefined;
  const channels = input.shape[2];
  const taps = layer.kernel[0] * layer.kernel[1] * channels;
  const { output } = layer;
  const bias = get('bias');
  const multiplier = get('multiplier');
  for (let c = 0; c < layer.channels; c++) {
    const scale =
      output.type === 'residual'
        ? (multiplier?.[c] ?? 0)
        : output.type === 'bits'
          ? 1
          : 2 ** output.shift;
    // A residual stage adds an int16 shortcut to what may not have been shifted at all.
    const limit = output.type === 'residual' ? LIMIT - 2 ** 15 : LIMIT;
    if (taps * scale + Math.abs(bias?.[c] ?? 0) > limit) return `can overflow channel ${c}`;
  }
  const weight = get('weight');
  const bytes = Math.ceil(channels / 8);
  const used = channels % 8 === 0 ? 0xff : (1 << (channels % 8)) - 1;
  for (let i = bytes - 1; i < (weight?.length ?? 0); i += bytes) {
    if (((weight?.[i] ?? 0) & ~used) !== 0) return 'has weight bits beyond its last channel';
  }
  return undefined;
}
