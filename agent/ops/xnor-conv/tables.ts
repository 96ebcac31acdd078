import { trim } from '../convolution/taps.ts';
import type { LayerTensors } from '../tensors.ts';
import type { PlacedXnor } from './layer.ts';
import { xnorWeights } from './weights.ts';

/**
 * True for a 3x3 binary convolution of a single channel whose outputs come from a table of nine bits
 * (oto_xnor_table_run).
 */
export function isTabled(placed: PlacedXnor): boolean {
  const { layer, inputs } = placed;
  const [height, width, channels] = inputs[0].shape;
  const { kernel, pad } = trim(placed);
  return (
    channels === 1 &&
    height > 1 &&
    width > 1 &&
    kernel.join() === '3,3' &&
    pad.join() === '1,1' &&
    layer.stride.join() === '1,1' &&
    layer.padValue === 0 &&
    layer.output.type === 'bits' &&
    layer.channels <= 32
  );
}

/** Words of output signs by the bits of a patch: inside the map, and where its first or last row is padding. */
export interface SignTables {
  readonly inside: Uint32Array;
  readonly top: Uint32Array;
  readonly bottom: Uint32Array;
}

/** Tables of a convolution of one channel (oto_xnor_table). */
export function signTables(placed: PlacedXnor, tensors: LayerTensors): SignTables {
  const { words } = xnorWeights(placed, tensors, 1);
  const threshold = tensors.int32('threshold');
  /** `rows` of the kernel, from the `from`-th on, meet the map; `bits` are those rows' inputs. */
  const signs = (bits: number, from: number, rows: number): number => {
    const mask = ((1 << (rows * 3)) - 1) << (from * 3);
    let out = 0;
    words.forEach((w, n) => {
      const differing = ones(((bits << (from * 3)) ^ (w[0] ?? 0)) & mask);
      if (rows * 3 - 2 * differing >= (threshold[n] ?? 0)) out |= 1 << n;
    });
    return out >>> 0;
  };
  return {
    inside: Uint32Array.from({ length: 512 }, (_, i) => signs(i, 0, 3)),
    top: Uint32Array.from({ length: 64 }, (_, i) => signs(i, 1, 2)),
    bottom: Uint32Array.from({ length: 64 }, (_, i) => signs(i, 0, 2)),
  };
}

function ones(value: number): number {
  let n = 0;
  for (let v = value; v !== 0; v &= v - 1) n++;
  return n;
}
