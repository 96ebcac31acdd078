import type { Shape } from '../nets/graph.ts';
import { GATE_TABLE } from './lstm.ts';
import type { ConvLayer, Layer, Metadata, XnorConvLayer } from './plan.ts';
import { WINDOW } from './plan.ts';
import type { TensorSpec } from './tensors.ts';

/** How a map is stored: samples and streams, activations, signs, or class scores. */
export type MapType = 'int16' | 'int8' | 'bits' | 'scores';

/** One layer's output: its shape (height, width, channels), type and, for int8, zero point. */
export interface MapInfo {
  readonly shape: Shape;
  readonly type: MapType;
  readonly zeroPoint: number;
}

/** A layer with what it reads and writes. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly input: MapInfo;
  readonly output: MapInfo;
  readonly tensors: readonly TensorSpec[];
}

/** A plan that does not hold together: the layer and the reason. */
export interface PlanFault {
  readonly layer: string;
  readonly why: string;
}

/** Output of a convolution before its pool, and the padding before the first row and column. */
export interface ConvGeometry {
  readonly height: number;
  readonly width: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** `same` padding as TensorFlow places it: half before, the odd one after. */
export function convGeometry(input: Shape, layer: ConvLayer | XnorConvLayer): ConvGeometry {
  const along = (axis: 0 | 1): { size: number; pad: number } => {
    const [n, k, s] = [input[axis], layer.kernel[axis], layer.stride[axis]];
    if (layer.padding === 'valid') return { size: Math.floor((n - k) / s) + 1, pad: 0 };
    const size = Math.ceil(n / s);
    return { size, pad: Math.floor(Math.max(0, (size - 1) * s + k - n) / 2) };
  };
  const [h, w] = [along(0), along(1)];
  return { height: h.size, width: w.size, padTop: h.pad, padLeft: w.pad };
}

/**
 * Walks the plan: shapes, types and expected tensors of every layer, in order; or the first fault.
 */
export function placeLayers(
  metadata: Metadata,
):
  | { readonly ok: true; readonly layers: readonly PlacedLayer[] }
  | { readonly ok: false; readonly fault: PlanFault } {
  const maps = new Map<string, MapInfo>([
    [WINDOW, { shape: metadata.input, type: 'int16', zeroPoint: 0 }],
  ]);
  const placed: PlacedLayer[] = [];
  for (const layer of metadata.layers) {
    const fault = (why: string) => ({ ok: false as const, fault: { layer: layer.id, why } });
    const input = maps.get(layer.from);
    if (input === undefined) return fault(`reads "${layer.from}", which is not before it`);
    if (maps.has(layer.id)) return fault('has an id that is already taken');
    const wrong = wrongInput(layer, input, maps);
    if (wrong !== undefined) return fault(wrong);
    const output = outputOf(layer, input);
    if (output.shape.some((n) => n < 1)) return fault('would give an empty map');
    maps.set(layer.id, output);
    placed.push({ layer, input, output, tensors: tensorSpecs(layer, input) });
  }
  const last = placed.at(-1);
  const lastId = last?.layer.id ?? '';
  if (last?.output.type !== 'scores') {
    return { ok: false, fault: { layer: lastId, why: 'is the last layer but gives no scores' } };
  }
  if (last.output.shape[2] !== metadata.labels.length) {
    const why = `scores ${last.output.shape[2]} classes but there are ${metadata.labels.length} labels`;
    return { ok: false, fault: { layer: lastId, why } };
  }
  return { ok: true, layers: placed };
}

function wrongInput(
  layer: Layer,
  input: MapInfo,
  maps: ReadonlyMap<string, MapInfo>,
): string | undefined {
  const want: Record<Layer['kind'], readonly MapType[]> = {
    conv: ['int8', 'int16'],
    sign: ['int8', 'int16'],
    xnorConv: ['bits'],
    channelsToHeight: ['int8', 'int16', 'bits'],
    average: ['int8'],
    dense: ['int8'],
    logMel: ['int16'],
    lstm: ['int8'],
  };
  if (!want[layer.kind].includes(input.type)) {
    return `reads ${input.type}, but a ${layer.kind} layer takes ${want[layer.kind].join(' or ')}`;
  }
  if (layer.kind === 'channelsToHeight' && input.shape[0] !== 1) {
    return `takes a map of height 1, not ${input.shape[0]}`;
  }
  if (layer.kind === 'logMel') {
    const [h, w, c] = input.shape;
    if (h !== 1 || c !== 1) return `takes one row of one channel, not ${h}x${w}x${c}`;
    if (w < layer.frame) return `has frames of ${layer.frame} samples, but reads ${w}`;
  }
  if (layer.kind === 'xnorConv' && layer.output.type === 'residual') {
    return wrongShortcut(layer, input, maps.get(layer.output.shortcut));
  }
  return undefined;
}

function wrongShortcut(
  layer: XnorConvLayer,
  input: MapInfo,
  stream: MapInfo | undefined,
): string | undefined {
  if (stream?.type !== 'int16') return 'has a shortcut that is not an int16 stream before it';
  const { height, width } = convGeometry(input.shape, layer);
  if (stream.shape[0] !== height || stream.shape[1] !== width) {
    return `adds a shortcut of ${stream.shape[0]}x${stream.shape[1]} to a map of ${height}x${width}`;
  }
  return undefined;
}

function outputOf(layer: Layer, input: MapInfo): MapInfo {
  switch (layer.kind) {
    case 'conv':
    case 'xnorConv': {
      const { height, width } = convGeometry(input.shape, layer);
      const shape = [
        Math.floor(height / layer.pool[0]),
        Math.floor(width / layer.pool[1]),
        layer.channels,
      ] as const;
      const { output } = layer;
      const zeroPoint = output.type === 'int8' ? output.zeroPoint : 0;
      return { shape, type: output.type === 'residual' ? 'int16' : output.type, zeroPoint };
    }
    case 'sign':
      return { shape: input.shape, type: 'bits', zeroPoint: 0 };
    case 'logMel': {
      const frames = Math.floor((input.shape[1] - layer.frame) / layer.hop) + 1;
      return { shape: [frames, layer.bands, 1], type: 'int8', zeroPoint: layer.zeroPoint };
    }
    case 'channelsToHeight':
      return { ...input, shape: [input.shape[2], input.shape[1], 1] };
    case 'average':
      return { shape: [1, 1, input.shape[2]], type: 'int8', zeroPoint: layer.output.zeroPoint };
    case 'lstm':
      return { shape: [1, 1, layer.units], type: 'int8', zeroPoint: 0 };
    case 'dense': {
      const zeroPoint = layer.output.type === 'int8' ? layer.output.zeroPoint : 0;
      return { shape: [1, 1, layer.units], type: layer.output.type, zeroPoint };
    }
  }
}

/** Bytes that hold the signs of `channels` values: 8 to a byte, lowest bit first. */
export function signBytes(channels: number): number {
  return Math.ceil(channels / 8);
}

function tensorSpecs(layer: Layer, input: MapInfo): readonly TensorSpec[] {
  const spec = (
    name: string,
    dtype: TensorSpec['dtype'],
    shape: readonly number[],
  ): TensorSpec => ({
    name: `${layer.id}.${name}`,
    dtype,
    shape,
  });
  const [h, w, c] = input.shape;
  switch (layer.kind) {
    case 'conv': {
      const n = layer.channels;
      const weight = spec('weight', 'I8', [n, ...layer.kernel, c]);
      return layer.output.type === 'bits'
        ? [weight, spec('threshold', 'I32', [n])]
        : [weight, spec('bias', 'I32', [n]), spec('multiplier', 'I32', [n])];
    }
    case 'xnorConv': {
      const n = layer.channels;
      const weight = spec('weight', 'U8', [n, ...layer.kernel, signBytes(c)]);
      switch (layer.output.type) {
        case 'bits':
          return [weight, spec('threshold', 'I32', [n])];
        case 'int8':
        case 'int16':
          return [weight, spec('bias', 'I32', [n]), spec('multiplier', 'I32', [n])];
        case 'residual':
          return [
            weight,
            spec('multiplier', 'I16', [n]),
            spec('bias', 'I32', [n]),
            spec('slope', 'I16', [n]),
          ];
      }
      break;
    }
    case 'sign':
      return [spec('threshold', 'I32', [c])];
    case 'logMel': {
      const bins = layer.frame / 2 + 1;
      return [
        spec('window', 'I16', [layer.frame]),
        spec('twiddle', 'I16', [layer.frame / 4 + 1, 2]),
        spec('edge', 'I16', [layer.bands + 2]),
        spec('weight', 'I16', [bins]),
      ];
    }
    case 'lstm': {
      const rows = 4 * layer.units;
      return [
        spec('weight', 'I8', [rows, w * c]),
        spec('bias', 'I32', [rows]),
        spec('multiplier', 'I32', [rows]),
        spec('recurrent', 'I8', [rows, layer.units]),
        spec('recurrentMultiplier', 'I32', [rows]),
        spec('sigmoid', 'I16', [GATE_TABLE]),
        spec('tanh', 'I16', [GATE_TABLE]),
      ];
    }
    case 'dense': {
      const head = [
        spec('weight', 'I8', [layer.units, h * w * c]),
        spec('bias', 'I32', [layer.units]),
      ];
      return layer.output.type === 'scores'
        ? head
        : [...head, spec('multiplier', 'I32', [layer.units])];
    }
    case 'channelsToHeight':
    case 'average':
      return [];
  }
}
