import { z } from 'zod';
import { pair, size } from '../fields.ts';
import type { Shape } from '../maps.ts';

/** What layers have that slide a kernel over a map, and pool what leaves their output stage. */
export const windowFields = {
  channels: size,
  kernel: pair,
  stride: pair,
  pool: pair,
  padding: z.enum(['valid', 'same']),
};
const windowSchema = z.strictObject(windowFields);

export interface Sliding extends Readonly<z.infer<typeof windowSchema>> {
  /** What a tap outside the map counts for; 0 or absent: nothing. */
  readonly padValue?: number;
}

/** Output of a convolution before its pool, and the padding before the first row and column. */
export interface ConvGeometry {
  readonly height: number;
  readonly width: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** `same` padding as TensorFlow places it: half before, the odd one after. */
export function convGeometry(input: Shape, layer: Sliding): ConvGeometry {
  const along = (axis: 0 | 1): { size: number; pad: number } => {
    const [n, k, s] = [input[axis], layer.kernel[axis], layer.stride[axis]];
    if (layer.padding === 'valid') return { size: Math.floor((n - k) / s) + 1, pad: 0 };
    const size = Math.ceil(n / s);
    return { size, pad: Math.floor(Math.max(0, (size - 1) * s + k - n) / 2) };
  };
  const [h, w] = [along(0), along(1)];
  return { height: h.size, width: w.size, padTop: h.pad, padLeft: w.pad };
}

/** The map that leaves the pool. */
export function pooledShape(input: Shape, layer: Sliding): Shape {
  const { height, width } = convGeometry(input, layer);
  return [Math.floor(height / layer.pool[0]), Math.floor(width / layer.pool[1]), layer.channels];
}

/** Multiply-accumulates of the unpooled map. */
export function macsOf(input: Shape, layer: Sliding): number {
  const { height, width } = convGeometry(input, layer);
  return height * width * layer.kernel[0] * layer.kernel[1] * input[2] * layer.channels;
}
