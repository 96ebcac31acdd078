import type { Pair, Shape } from '../maps.ts';
import type { AnyLayer, Placed, Simplified } from '../operator.ts';
import type { Tensor } from '../tensors.ts';
import { tensor } from '../tensors.ts';
import { convGeometry, type Sliding } from './window.ts';

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
export function metTaps(input: Shape, layer: Sliding): MetTaps {
  const { height, width, padTop, padLeft } = convGeometry(input, layer);
  const paddingCounts = (layer.padValue ?? 0) !== 0;
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

/** The window of a convolution as it is computed: only taps that some output really meets. */
export interface Trimmed {
  readonly kernel: Pair;
  /** Of the first row and column. */
  readonly pad: Pair;
  /** First row and column of the stored kernel. */
  readonly offset: Pair;
}

export function trim({ layer, inputs: [input] }: Placed<AnyLayer & Sliding>): Trimmed {
  const { padTop, padLeft } = convGeometry(input.shape, layer);
  const { rows, columns } = metTaps(input.shape, layer);
  return {
    kernel: [spanOf(rows), spanOf(columns)],
    pad: [padTop - rows.from, padLeft - columns.from],
    offset: [rows.from, columns.from],
  };
}

/** Calls `visit` with the index (in taps) of each kept tap of the stored kernel, channel by channel. */
export function forKeptTaps(
  placed: Placed<AnyLayer & Sliding>,
  visit: (tap: number) => void,
): void {
  const { kernel, offset } = trim(placed);
  const [kh, kw] = placed.layer.kernel;
  for (let n = 0; n < placed.layer.channels; n++) {
    for (let ky = 0; ky < kernel[0]; ky++) {
      for (let kx = 0; kx < kernel[1]; kx++) {
        visit((n * kh + ky + offset[0]) * kw + kx + offset[1]);
      }
    }
  }
}

/**
 * The same convolution, to the integer, without the taps that only ever meet padding: its kernel, and its weights out of
 * those given, [channels][height][width][any]. Undefined where the smaller kernel's padding would lay it elsewhere.
 */
export function withoutUnmetTaps<L extends AnyLayer & Sliding>(
  { layer, inputs: [input] }: Placed<L>,
  weight: Int8Array | Uint8Array,
): Simplified<L> | undefined {
  const taps = metTaps(input.shape, layer);
  const kernel: [number, number] = [spanOf(taps.rows), spanOf(taps.columns)];
  if (kernel.join() === layer.kernel.join()) return undefined;
  if (!samePlaces(input.shape, layer, { ...layer, kernel }, taps)) return undefined;
  const tensors = new Map([['weight', cut(weight, layer, taps)]]);
  return { layer: { ...layer, kernel }, tensors };
}

const spanOf = ({ from, to }: Span): number => to - from;

/** Whether the smaller kernel's padding lays it on the samples that those taps lay on. */
function samePlaces(
  input: Shape,
  whole: Sliding,
  small: Sliding,
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

/** Rows and columns of a kernel [channels][height][width][last]. */
function cut(data: Int8Array | Uint8Array, layer: Sliding, { rows, columns }: MetTaps): Tensor {
  const [height, width] = layer.kernel;
  const last = data.length / (layer.channels * height * width);
  const size = [layer.channels, spanOf(rows), spanOf(columns), last];
  const out = data.slice(
    0,
    size.reduce((a, b) => a * b),
  );
  let at = 0;
  for (let channel = 0; channel < layer.channels; channel++) {
    for (let row = rows.from; row < rows.to; row++) {
      const from = (channel * height + row) * width + columns.from;
      const line = data.subarray(from * last, (from + spanOf(columns)) * last);
      out.set(line, at);
      at += line.length;
    }
  }
  return tensor(out, size);
}
