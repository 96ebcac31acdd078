import type { Shape } from '../nets/graph.ts';
import { buildModel, type Model } from './model.ts';
import type { ConvLayer, Layer, XnorConvLayer } from './plan.ts';
import { convGeometry } from './shapes.ts';
import { type Tensor, tensor } from './tensors.ts';

/** Rows or columns of a kernel, `to` excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The part of a kernel that counts for some output. */
export interface MetTaps {
  readonly rows: Span;
  readonly columns: Span;
}

/**
 * Leaves out rows and columns of a kernel that only ever meet padding (two of three over a map of height 1), where
 * padding counts for nothing.
 */
export function metTaps(input: Shape, layer: ConvLayer | XnorConvLayer): MetTaps {
  const { height, width, padTop, padLeft } = convGeometry(input, layer);
  const paddingCounts = layer.kind === 'xnorConv' && layer.padValue !== 0;
  const along = (axis: 0 | 1, outputs: number, pad: number): Span => {
    let [from, to] = [0, layer.kernel[axis]];
    const meets = (k: number): boolean =>
      Array.from({ length: outputs }, (_, o) => o * layer.stride[axis] + k - pad).some(
        (i) => i >= 0 && i < input[axis],
      );
    if (paddingCounts) return { from, to };
    while (to - from > 1 && !meets(from)) from++;
    while (to - from > 1 && !meets(to - 1)) to--;
    return { from, to };
  };
  return { rows: along(0, height, padTop), columns: along(1, width, padLeft) };
}

/** The same network, to the integer, without the taps that only ever meet padding: Micro's last kernels are a third. */
export function withoutUnmetTaps(model: Model): Model {
  const tensors = new Map(model.tensors);
  const layers = model.layers.map(({ layer, input }): Layer => {
    if (layer.kind !== 'conv' && layer.kind !== 'xnorConv') return layer;
    const taps = metTaps(input.shape, layer);
    const kernel: ConvLayer['kernel'] = [spanOf(taps.rows), spanOf(taps.columns)];
    const small = { ...layer, kernel };
    const name = `${layer.id}.weight`;
    const weight = tensors.get(name);
    if (weight === undefined || !samePlaces(input.shape, layer, small, taps)) return layer;
    tensors.set(name, cut(weight, taps));
    return small;
  });
  return buildModel({ ...model.metadata, layers }, tensors);
}

const spanOf = ({ from, to }: Span): number => to - from;

/** Whether the smaller kernel's padding lays it on the samples that those taps lay on. */
function samePlaces(
  input: Shape,
  whole: ConvLayer | XnorConvLayer,
  small: ConvLayer | XnorConvLayer,
  { rows, columns }: MetTaps,
): boolean {
  const [a, b] = [convGeometry(input, whole), convGeometry(input, small)];
  return (
    a.height === b.height &&
    a.width === b.width &&
    a.padTop - rows.from === b.padTop &&
    a.padLeft - columns.from === b.padLeft
  );
}

/** Rows and columns of a kernel [n][height][width][last]. */
function cut({ data, shape }: Tensor, { rows, columns }: MetTaps): Tensor {
  const [n = 0, height = 0, width = 0, last = 0] = shape;
  const size = [n, spanOf(rows), spanOf(columns), last];
  const out = data.slice(0, n * spanOf(rows) * spanOf(columns) * last);
  let at = 0;
  for (let channel = 0; channel < n; channel++) {
    for (let row = rows.from; row < rows.to; row++) {
      const from = (channel * height + row) * width + columns.from;
      const line = data.subarray(from * last, (from + spanOf(columns)) * last);
      out.set(line, at);
      at += line.length;
    }
  }
  return tensor(out, size);
}
