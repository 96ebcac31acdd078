import { forKeptTaps, trim } from '../convolution/taps.ts';
import type { Pair } from '../maps.ts';
import { type MapInfo, reachOf } from '../maps.ts';
import type { LayerTensors } from '../tensors.ts';
import type { PlacedConv } from './layer.ts';

/** Weights of a convolution without the taps that only meet padding: [n][ky][kx][c]. */
export interface ConvWeights {
  readonly channels: number;
  readonly kernel: Pair;
  readonly inChannels: number;
  readonly stride: Pair;
  readonly data: Int8Array;
}

export function convWeights(placed: PlacedConv, tensors: LayerTensors): ConvWeights {
  const { layer, inputs } = placed;
  const data = tensors.int8('weight');
  const inChannels = inputs[0].shape[2];
  const { kernel } = trim(placed);
  const out = new Int8Array(layer.channels * kernel[0] * kernel[1] * inChannels);
  let i = 0;
  forKeptTaps(placed, (tap) => {
    const start = tap * inChannels;
    out.set(data.subarray(start, start + inChannels), i);
    i += inChannels;
  });
  return { channels: layer.channels, kernel, inChannels, stride: layer.stride, data: out };
}

/** The largest magnitude an accumulator of a convolution can have. */
export function convReach({ channels, data }: ConvWeights, input: MapInfo): number {
  const taps = data.length / channels;
  let heaviest = 0;
  for (let n = 0; n < channels; n++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += Math.abs(data[n * taps + k] ?? 0);
    heaviest = Math.max(heaviest, sum);
  }
  return heaviest * reachOf(input);
}
