import { at } from '../arithmetic.ts';
import type { ActivationMap, MapInfo } from '../maps.ts';
import type { OutputStage } from '../output-stage/reference.ts';
import { convGeometry, type Sliding } from './window.ts';

/** Calls `inside(input index of channel 0, tap)` for each tap within the input, `outside(tap)` for the others. */
export function forTaps(
  layer: Sliding,
  input: ActivationMap,
  [y, x]: readonly [number, number],
  inside: (base: number, tap: number) => void,
  outside: (tap: number) => void,
): void {
  const [h, w, c] = input.shape;
  const { padTop, padLeft } = convGeometry(input.shape, layer);
  for (let ky = 0; ky < layer.kernel[0]; ky++) {
    for (let kx = 0; kx < layer.kernel[1]; kx++) {
      const iy = y * layer.stride[0] + ky - padTop;
      const ix = x * layer.stride[1] + kx - padLeft;
      const tap = ky * layer.kernel[1] + kx;
      if (iy < 0 || iy >= h || ix < 0 || ix >= w) outside(tap);
      else inside((iy * w + ix) * c, tap);
    }
  }
}

/** The accumulator of an output channel at a position of the unpooled map. */
export type Sum = (at: readonly [y: number, x: number], channel: number) => number;

/** Output stage and max pool; every stage is monotone, so the order of the two does not matter. */
export function pooled(
  layer: Sliding,
  input: MapInfo,
  output: MapInfo,
  sum: Sum,
  stage: OutputStage,
): Int32Array<ArrayBuffer> {
  const unpooled = convGeometry(input.shape, layer);
  const [height, width, channels] = output.shape;
  const [poolH, poolW] = layer.pool;
  const out = new Int32Array(height * width * channels).fill(LOWEST);
  for (let y = 0; y < Math.min(unpooled.height, height * poolH); y++) {
    for (let x = 0; x < Math.min(unpooled.width, width * poolW); x++) {
      const field = Math.floor(y / poolH) * width + Math.floor(x / poolW);
      for (let n = 0; n < channels; n++) {
        const i = field * channels + n;
        out[i] = Math.max(at(out, i), stage(sum([y, x], n), y, x, n));
      }
    }
  }
  return out;
}

const LOWEST = -(2 ** 31);
