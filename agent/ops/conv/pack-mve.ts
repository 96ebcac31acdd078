import type { PackedArray } from './c-source.ts';
import type { ConvWeights, KernelSet } from './kernels.ts';
import { portableKernels } from './kernels-portable.ts';
import { type ConvStage, isTabled, type XnorStage } from './stages.ts';

/** Bytes of a vector register. */
const VECTOR = 16;
/** Channels whose weights lie together. */
const GROUP = 4;

/** Cortex-M55: firmware/nn/kernels_mve.h. */
export const mveKernels: KernelSet = {
  ...portableKernels,
  id: 'mve',
  tiled: true,
  laneWords: 4,
  packConv: (weights, stage) => packGroups(weights, elementBytes(stage)),
  biasCorrection: (weights, stage) => zeroPointCorrection(weights, stage),
  convScratch,
  packXnor: (words, stage) => packSigns(words, stage),
  xnorScratch,
  packFrontFirst: (weights) => packGroups(weights, 2),
  packFrontSecond: (weights) => packGroups(weights, 1),
};

const elementBytes = (stage: ConvStage): 1 | 2 => (stage.placed.input.type === 'int8' ? 1 : 2);

/** [group][vector][channel][element], taps in the order of a strip: [kx][ky][c]. */
function packGroups(weights: ConvWeights, bytes: 1 | 2): PackedArray {
  const { channels, inChannels, data } = weights;
  const [kh, kw] = weights.kernel;
  const taps = kh * kw * inChannels;
  const perVector = VECTOR / bytes;
  const vectors = Math.ceil(taps / perVector);
  const packed = new (bytes === 1 ? Int8Array : Int16Array)(channels * vectors * perVector);
  let i = 0;
  for (let first = 0; first < channels; first += GROUP) {
    const end = Math.min(first + GROUP, channels);
    for (let v = 0; v < vectors; v++) {
      for (let n = first; n < end; n++) {
        for (let e = 0; e < perVector; e++, i++) {
          const tap = v * perVector + e;
          if (tap >= taps) continue;
          const c = tap % inChannels;
          const ky = Math.floor(tap / inChannels) % kh;
          const kx = Math.floor(tap / inChannels / kh);
          packed[i] = data[((n * kh + ky) * kw + kx) * inChannels + c] ?? 0;
        }
      }
    }
  }
  return { type: bytes === 1 ? 'int8_t' : 'int16_t', values: packed };
}

/** What the zero point adds to every accumulator of a channel, taken out. */
function zeroPointCorrection(weights: ConvWeights, stage: ConvStage): Int32Array | undefined {
  const { type, zeroPoint } = stage.placed.input;
  if (type !== 'int8' || zeroPoint === 0) return undefined;
  const taps = weights.data.length / weights.channels;
  return Int32Array.from({ length: weights.channels }, (_, n) => {
    const sum = weights.data.subarray(n * taps, (n + 1) * taps).reduce((a, w) => a + w, 0);
    return -zeroPoint * sum;
  });
}

/** Bytes of the strips of one row of pool fields (oto_mve_sizes_of). */
function convScratch(stage: ConvStage): number {
  const { layer, placed, window } = stage;
  const [kh, kw] = window.kernel;
  const column = kh * placed.input.shape[2] * elementBytes(stage);
  const columns = (placed.output.shape[1] * layer.pool[1] - 1) * layer.stride[1] + kw;
  const strip = Math.ceil((columns * column + VECTOR - 1) / VECTOR) * VECTOR;
  return layer.pool[0] * strip;
}

/** How firmware/nn/xnor-conv/mve_groups.h cuts a patch (oto_mve_cut_of); bytes unless said otherwise. */
interface Cut {
  readonly column: number;
  readonly patch: number;
  /** Vectors of a channel, then words beyond them. */
  readonly vectors: number;
  readonly tails: number;
}

function cutOf(stage: XnorStage): Cut {
  const [kh, kw] = stage.window.kernel;
  const column = Math.ceil((kh * stage.placed.input.shape[2]) / 8);
  const patch = kw * column;
  const whole = Math.floor(patch / VECTOR);
  const rest = patch % VECTOR;
  const words = whole > 0 && rest <= 8 ? Math.ceil(rest / 4) : 0;
  const tails = whole + words > 3 ? 0 : words;
  return { column, patch, vectors: tails > 0 ? whole : Math.ceil(patch / VECTOR), tails };
}

/** [group][vector][channel][16 bytes], then [group][tail word][channel][4 bytes]; bits as in a strip. */
function packSigns(words: readonly Uint32Array[], stage: XnorStage): Uint32Array {
  // A table answers for all but the borders, which the portable kernel computes.
  if (isTabled(stage)) return portableKernels.packXnor(words, stage);
  const { vectors, tails } = cutOf(stage);
  const groups = Math.ceil(words.length / GROUP);
  const packed = new Uint32Array(groups * GROUP * (vectors * 4 + tails));
  let i = 0;
  for (let group = 0; group < groups; group++) {
    const patches = Array.from({ length: GROUP }, (_, n) =>
      stripOrder(words[group * GROUP + n] ?? new Uint32Array(), stage),
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
function stripOrder(words: Uint32Array, stage: XnorStage): Uint32Array {
  const [kh, kw] = stage.window.kernel;
  const c = stage.placed.input.shape[2];
  const { column, patch } = cutOf(stage);
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

/** Bases, results, a padded patch and a strip (firmware/nn/xnor-conv/mve.h). */
function xnorScratch(stage: XnorStage): number {
  const { layer, placed, window } = stage;
  const { column, patch } = cutOf(stage);
  const columns = (placed.output.shape[1] * layer.pool[1] - 1) * layer.stride[1] + window.kernel[1];
  const channels = Math.ceil(layer.channels / GROUP) * GROUP;
  const align = (bytes: number): number => Math.ceil(bytes / VECTOR) * VECTOR;
  return 4 * 4 * channels + align(patch) + align(columns * column + VECTOR - 1);
}
