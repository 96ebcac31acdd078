import { trim } from '../convolution/taps.ts';
import type { PlacedXnor } from './layer.ts';
import { portablePacking, type XnorPacking } from './packing.ts';
import { isTabled } from './tables.ts';

/** Bytes of a vector register. */
const VECTOR = 16;
/** Channels whose weights lie together. */
const GROUP = 4;

/** How firmware/nn/xnor-conv/mve.h cuts a patch (oto_mve_cut_of); bytes unless said otherwise. */
interface Cut {
  readonly column: number;
  readonly patch: number;
  /** Vectors of a channel, then words beyond them. */
  readonly vectors: number;
  readonly tails: number;
}

function cutOf(placed: PlacedXnor): Cut {
  const [kh, kw] = trim(placed).kernel;
  const column = Math.ceil((kh * placed.inputs[0].shape[2]) / 8);
  const patch = kw * column;
  const whole = Math.floor(patch / VECTOR);
  const rest = patch % VECTOR;
  const words = whole > 0 && rest <= 8 ? Math.ceil(rest / 4) : 0;
  const tails = whole + words > 3 ? 0 : words;
  return { column, patch, vectors: tails > 0 ? whole : Math.ceil(patch / VECTOR), tails };
}

/** [group][vector][channel][16 bytes], then [group][tail word][channel][4 bytes]; bits as in a strip. */
function pack(words: readonly Uint32Array[], placed: PlacedXnor): Uint32Array {
  // A table answers for all but the borders, which the portable kernel computes.
  if (isTabled(placed)) return portablePacking.pack(words, placed);
  const { vectors, tails } = cutOf(placed);
  const groups = Math.ceil(words.length / GROUP);
  const packed = new Uint32Array(groups * GROUP * (vectors * 4 + tails));
  let i = 0;
  for (let group = 0; group < groups; group++) {
    const patches = Array.from({ length: GROUP }, (_, n) =>
      stripOrder(words[group * GROUP + n] ?? new Uint32Array(), placed),
    );
    const put = (from: number, count: number): void => {
      for (const patch of patches) {
        for (let k = 0; k < count; k++, i++) packed[i] = patch[from + k] ?? 0;
      }
    };
    for (let v = 0; v < vectors; v++) put(v * 4, 4);
    for (let t = 0; t < tails; t++) put(vectors * 4 + t, 1);
  }
  return packed;
}

/** Bits [ky][kx][c] of one channel as words of [kx][ky][c], each kx rounded up to a byte. */
function stripOrder(words: Uint32Array, placed: PlacedXnor): Uint32Array {
  const [kh, kw] = trim(placed).kernel;
  const c = placed.inputs[0].shape[2];
  const { column, patch } = cutOf(placed);
  const out = new Uint32Array(Math.ceil(patch / 4));
  for (let ky = 0; ky < kh; ky++) {
    for (let kx = 0; kx < kw; kx++) {
      for (let k = 0; k < c; k++) {
        const from = (ky * kw + kx) * c + k;
        if ((((words[from >> 5] ?? 0) >>> (from & 31)) & 1) === 0) continue;
        const to = kx * column * 8 + ky * c + k;
        out[to >> 5] = ((out[to >> 5] ?? 0) | (1 << (to & 31))) >>> 0;
      }
    }
  }
  return out;
}

/** Bases, results, a padded patch and a strip (oto_mve_xnor_run). */
function scratch(placed: PlacedXnor): number {
  const { layer, output } = placed;
  const { column, patch } = cutOf(placed);
  const columns = (output.shape[1] * layer.pool[1] - 1) * layer.stride[1] + trim(placed).kernel[1];
  const channels = Math.ceil(layer.channels / GROUP) * GROUP;
  const align = (bytes: number): number => Math.ceil(bytes / VECTOR) * VECTOR;
  return 4 * 4 * channels + align(patch) + align(columns * column + VECTOR - 1);
}

/** Cortex-M55: firmware/nn/xnor-conv/mve.h. */
export const mvePacking: XnorPacking = { ...portablePacking, pack, scratch, laneWords: 4 };
