import type { PackedArray } from '../../c/c-source.ts';
import { trim } from '../convolution/taps.ts';
import type { PlacedConv } from './layer.ts';
import { portablePacking } from './pack-portable.ts';
import type { ConvPacking } from './packing.ts';
import type { ConvWeights } from './weights.ts';

/** The largest shift that int8 weights take within int16 (OTO_FRONT_DSP_PRESHIFT). */
const PRESHIFT = 8;
/** Positions that the inner kernel computes at once (OTO_DSP_BLOCK). */
const BLOCK = 3;
/** Tiles up to this size take several rows, so that weights are widened less often. */
const TILE_BYTES = 8704;
/** A single output row whose tile would be larger is left to the portable kernel (oto_dsp_fits). */
const LARGEST_TILE = 32768;
/** Reach of an LDRD's offset: two positions must lie within it (oto_dsp_fits). */
const OFFSET = 1020;

/** How firmware/nn/conv/dsp.h lays out one convolution; the names are those of its macros. */
interface Geometry {
  readonly padded: number;
  /** Pairs of taps that a position reads of one kernel row. */
  readonly words: number;
  readonly rowBytes: number;
  readonly positions: number;
  readonly fits: boolean;
}

function geometry(placed: PlacedConv): Geometry {
  const { layer, inputs, output } = placed;
  const kernel = trim(placed).kernel;
  const channels = inputs[0].shape[2];
  const stride = layer.stride[1];
  const padded = channels === 1 ? 2 : (channels * stride) % 2 === 0 ? channels : channels + 1;
  const words = rowWords(kernel[1], channels, padded);
  const positions = Math.ceil((output.shape[1] * layer.pool[1]) / BLOCK) * BLOCK;
  const tile = (positions - 1) * stride + kernel[1] + (channels === 1 ? 1 : 0);
  const rowBytes = Math.ceil((tile * padded) / 2) * 4;
  const rows = (layer.pool[0] - 1) * layer.stride[0] + kernel[0];
  const fits = 2 * stride * padded * 2 <= OFFSET && rows * rowBytes <= LARGEST_TILE;
  return { padded, words, rowBytes, positions, fits };
}

function rowWords(kernelW: number, channels: number, padded: number): number {
  if (channels === 1) return kernelW > 2 ? kernelW - 1 : 1;
  return Math.ceil((kernelW * padded) / 2);
}

function stripeOf(placed: PlacedConv): number {
  const { layer, output } = placed;
  const { rowBytes } = geometry(placed);
  const perRow = layer.pool[0] * layer.stride[0];
  const halo = trim(placed).kernel[0] - layer.stride[0];
  const rows = Math.floor((TILE_BYTES / rowBytes - halo) / perRow);
  return Math.max(1, Math.min(rows, output.shape[0]));
}

function scratch(placed: PlacedConv): number {
  const { pool, stride } = placed.layer;
  const { words, rowBytes, positions, fits } = geometry(placed);
  if (!fits) return 0;
  const kernelH = trim(placed).kernel[0];
  const rows = (stripeOf(placed) * pool[0] - 1) * stride[0] + kernelH;
  return rows * rowBytes + kernelH * words * 8 + pool[0] * positions * 8;
}

/** int16 taps of one channel and kernel row, as the tile holds what they meet: [word][low, high]. */
function tapsOf(
  weights: ConvWeights,
  padded: number,
  words: number,
  n: number,
  ky: number,
): Int16Array {
  const { inChannels, kernel, data } = weights;
  const out = new Int16Array(words * 2);
  const at = (kx: number, c: number): number =>
    n < weights.channels
      ? (data[((n * kernel[0] + ky) * kernel[1] + kx) * inChannels + c] ?? 0)
      : 0;
  for (let kx = 0; kx < kernel[1]; kx++) {
    if (inChannels === 1) {
      // Words overlap: word i is (x[i], x[i + 1]); the first gives two taps, each further one its high half.
      out[kx === 0 ? 0 : kx * 2 - 1] = at(kx, 0);
      continue;
    }
    for (let c = 0; c < inChannels; c++) out[kx * padded + c] = at(kx, c);
  }
  return out;
}

function pack(weights: ConvWeights, placed: PlacedConv): PackedArray {
  const { padded, words, fits } = geometry(placed);
  if (!fits) return portablePacking.pack(weights, placed);
  const bytes: number[] = [];
  for (let n = 0; n < weights.channels; n += 2) {
    for (let ky = 0; ky < weights.kernel[0]; ky++) {
      const [a, b] = [n, n + 1].map((m) => tapsOf(weights, padded, words, m, ky));
      for (let w = 0; w + 2 <= words; w += 2) {
        for (const taps of [a, b]) {
          const k = Array.from(taps?.subarray(w * 2, w * 2 + 4) ?? []);
          bytes.push(k[0] ?? 0, k[2] ?? 0, k[1] ?? 0, k[3] ?? 0);
        }
      }
      if (words % 2 === 1) {
        const last = words * 2 - 2;
        bytes.push(a?.[last] ?? 0, b?.[last] ?? 0, a?.[last + 1] ?? 0, b?.[last + 1] ?? 0);
      }
    }
  }
  return { type: 'int8_t', values: bytes };
}

const pair = (low: number, high: number): number =>
  (((high & 0xffff) << 16) | (low & 0xffff)) >>> 0;

/**
 * Weights of the front end's second convolution, widened already: they are used once per pool field. Where positions
 * are an odd number of values apart, so that words cannot be loaded, or too far apart (OTO_FRONT_PAIRS), plain taps.
 */
function packSecond(weights: ConvWeights): PackedArray {
  const step = weights.inChannels * weights.stride[1];
  if (step % 2 === 1 || 4 * step > OFFSET) return packTaps(weights, 0);
  const words = Math.ceil((weights.kernel[1] * weights.inChannels) / 2);
  const values: number[] = [];
  for (let n = 0; n < weights.channels; n += 2) {
    const [a, b] = [n, n + 1].map((m) => {
      const taps = new Int16Array(words * 2);
      const row = weights.kernel[1] * weights.inChannels;
      if (m < weights.channels) taps.set(weights.data.subarray(m * row, (m + 1) * row));
      return Array.from({ length: words }, (_, i) => pair(taps[2 * i] ?? 0, taps[2 * i + 1] ?? 0));
    });
    for (let w = 0; w + 2 <= words; w += 2) {
      values.push(a?.[w] ?? 0, a?.[w + 1] ?? 0, b?.[w] ?? 0, b?.[w + 1] ?? 0);
    }
    if (words % 2 === 1) values.push(a?.[words - 1] ?? 0, b?.[words - 1] ?? 0);
  }
  return { type: 'uint32_t', values };
}

/** Weights of the front end's first convolution: shifted where int16 has room, so that no output has to be. */
function packFirst(weights: ConvWeights, { layer: { output } }: PlacedConv): PackedArray {
  const shift = 'shift' in output && output.shift <= PRESHIFT ? output.shift : 0;
  return packTaps(weights, shift);
}

/** int16 taps per channel times 2^shift, made even with a 0. */
function packTaps(weights: ConvWeights, shift: number): PackedArray {
  const taps = weights.kernel[1] * weights.inChannels;
  const even = Math.ceil(taps / 2) * 2;
  const values = new Int16Array(weights.channels * even);
  for (let n = 0; n < weights.channels; n++) {
    const own = weights.data.subarray(n * taps, (n + 1) * taps);
    values.set(
      Int16Array.from(own, (w) => w * 2 ** shift),
      n * even,
    );
  }
  return { type: 'int16_t', values };
}

/** Kernels of firmware/nn/conv/dsp.h and fused-front-end/real_dsp.h, for Cortex-M4, M7 and M33. */
export const dspPacking: ConvPacking = {
  ...portablePacking,
  tiled: true,
  pack,
  stripe: stripeOf,
  scratch,
  packFirst,
  packSecond,
  tileElement: 2,
};
