import { forKeptTaps, trim } from '../convolution/taps.ts';
import { signBytes } from '../maps.ts';
import type { LayerTensors } from '../tensors.ts';
import type { PlacedXnor } from './layer.ts';

/**
 * The signs of a layer's kernel without the taps that only meet padding: per channel the bits of all kept taps in patch
 * order (firmware/nn/xnor-conv/patch.h), `words` long, the rest 0; and the ones of each kept tap.
 */
export function xnorWeights(
  placed: PlacedXnor,
  tensors: LayerTensors,
  words: number,
): { readonly words: readonly Uint32Array[]; readonly ones: Uint16Array } {
  const { layer, inputs } = placed;
  const data = tensors.uint8('weight');
  const inChannels = inputs[0].shape[2];
  const bytes = signBytes(inChannels);
  const { kernel } = trim(placed);
  const taps = kernel[0] * kernel[1];
  const packed = Array.from({ length: layer.channels }, () => new Uint32Array(words));
  const ones = new Uint16Array(layer.channels * taps);
  let i = 0;
  // Channels that fill whole words need no other order than channels that do not: bits without gaps are both.
  forKeptTaps(placed, (tap) => {
    const target = packed[Math.floor(i / taps)] ?? new Uint32Array();
    const first = (i % taps) * inChannels;
    for (let c = 0; c < inChannels; c++) {
      if ((((data[tap * bytes + (c >> 3)] ?? 0) >> (c & 7)) & 1) === 0) continue;
      const bit = first + c;
      target[bit >> 5] = ((target[bit >> 5] ?? 0) | (1 << (bit & 31))) >>> 0;
      ones[i] = (ones[i] ?? 0) + 1;
    }
    i++;
  });
  return { words: packed, ones };
}
