import type { PackedArray } from '../../c/c-source.ts';
import { trim } from '../convolution/taps.ts';
import type { PlacedConv } from './layer.ts';
import { portablePacking } from './pack-portable.ts';
import type { ConvPacking } from './packing.ts';
import type { ConvWeights } from './weights.ts';

/** Bytes of a vector register. */
const VECTOR = 16;
/** Channels whose weights lie together. */
const GROUP = 4;

/** Cortex-M55: firmware/nn/conv/mve.h. */
export const mvePacking: ConvPacking = {
  ...portablePacking,
  tiled: true,
  pack: (weights, placed) => packGroups(weights, elementBytes(placed)),
  biasCorrection: zeroPointCorrection,
  scratch,
  packFirst: (weights) => packGroups(weights, 2),
  packSecond: (weights) => packGroups(weights, 1),
};

const elementBytes = ({ inputs: [input] }: PlacedConv): 1 | 2 => (input.type === 'int8' ? 1 : 2);

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
function zeroPointCorrection(weights: ConvWeights, placed: PlacedConv): Int32Array | undefined {
  const { type, zeroPoint } = placed.inputs[0];
  if (type !== 'int8' || zeroPoint === 0) return undefined;
  const taps = weights.data.length / weights.channels;
  return Int32Array.from({ length: weights.channels }, (_, n) => {
    const sum = weights.data.subarray(n * taps, (n + 1) * taps).reduce((a, w) => a + w, 0);
    return -zeroPoint * sum;
  });
}

/** Bytes of the strips of one row of pool fields (oto_mve_sizes_of). */
function scratch(placed: PlacedConv): number {
  const { layer, inputs, output } = placed;
  const [kh, kw] = trim(placed).kernel;
  const column = kh * inputs[0].shape[2] * elementBytes(placed);
  const columns = (output.shape[1] * layer.pool[1] - 1) * layer.stride[1] + kw;
  const strip = Math.ceil((columns * column + VECTOR - 1) / VECTOR) * VECTOR;
  return layer.pool[0] * strip;
}
