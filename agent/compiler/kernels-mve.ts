import type { ConvWeights, KernelSet, PackedArray } from './kernels.ts';
import { portableKernels } from './kernels-portable.ts';
import type { ConvStage } from './stages.ts';

/** Bytes of a vector register. */
const VECTOR = 16;
/** Channels whose weights lie together. */
const GROUP = 4;

/** Cortex-M55: firmware/nn/conv_mve.h and xnor_mve.h. */
export const mveKernels: KernelSet = {
  ...portableKernels,
  id: 'mve',
  tiled: true,
  laneWords: 4,
  packConv: (weights, stage) => packGroups(weights, elementBytes(stage)),
  biasCorrection: (weights, stage) => zeroPointCorrection(weights, stage),
  convScratch,
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
