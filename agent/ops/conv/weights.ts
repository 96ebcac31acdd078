import type { Model } from '../model/model.ts';
import { tensorOf } from '../model/model.ts';
import { type MapInfo, signBytes } from '../model/shapes.ts';
import type { ConvWeights } from './kernels.ts';
import type { ConvStage, XnorStage } from './stages.ts';

/** The int8 kernel of a stage, trimmed to the taps that are computed. */
export function convWeights(model: Model, stage: ConvStage): ConvWeights {
  const { layer, window } = stage;
  const data = tensorOf(model, layer.id, 'weight', Int8Array);
  const inChannels = stage.placed.input.shape[2];
  const [kh, kw] = window.kernel;
  const out = new Int8Array(layer.channels * kh * kw * inChannels);
  let i = 0;
  forTaps(stage, (from) => {
    const start = from * inChannels;
    out.set(data.subarray(start, start + inChannels), i);
    i += inChannels;
  });
  return {
    channels: layer.channels,
    kernel: window.kernel,
    inChannels,
    stride: layer.stride,
    data: out,
  };
}

/** The largest magnitude an accumulator of a convolution can have. */
export function convReach({ channels, data }: ConvWeights, input: MapInfo): number {
  const step =
    input.type === 'int16' ? 32768 : Math.max(127 - input.zeroPoint, input.zeroPoint + 128);
  const taps = data.length / channels;
  let heaviest = 0;
  for (let n = 0; n < channels; n++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += Math.abs(data[n * taps + k] ?? 0);
    heaviest = Math.max(heaviest, sum);
  }
  return heaviest * step;
}

/**
 * The signs of a stage's kernel, trimmed: per channel the bits of all kept taps in patch order (firmware/nn/xnor-conv/patch.h),
 * `words` long, the rest 0; and the ones of each kept tap.
 */
export function xnorWeights(
  model: Model,
  stage: XnorStage,
  words: number,
): { readonly words: readonly Uint32Array[]; readonly ones: Uint16Array } {
  const { layer } = stage;
  const data = tensorOf(model, layer.id, 'weight', Uint8Array);
  const inChannels = stage.placed.input.shape[2];
  const bytes = signBytes(inChannels);
  const taps = stage.window.kernel[0] * stage.window.kernel[1];
  const packed = Array.from({ length: layer.channels }, () => new Uint32Array(words));
  const ones = new Uint16Array(layer.channels * taps);
  let i = 0;
  // Channels that fill whole words need no other order than channels that do not: bits without gaps are both.
  forTaps(stage, (from) => {
    const target = packed[Math.floor(i / taps)] ?? new Uint32Array();
    const at = (i % taps) * inChannels;
    for (let c = 0; c < inChannels; c++) {
      if ((((data[from * bytes + (c >> 3)] ?? 0) >> (c & 7)) & 1) === 0) continue;
      const bit = at + c;
      target[bit >> 5] = ((target[bit >> 5] ?? 0) | (1 << (bit & 31))) >>> 0;
      ones[i] = (ones[i] ?? 0) + 1;
    }
    i++;
  });
  return { words: packed, ones };
}

/** Calls `visit` with the index (in taps) of each kept tap of the stored kernel, channel by channel. */
function forTaps(stage: ConvStage | XnorStage, visit: (tap: number) => void): void {
  const { layer, window } = stage;
  const [kh, kw] = layer.kernel;
  for (let n = 0; n < layer.channels; n++) {
    for (let ky = 0; ky < window.kernel[0]; ky++) {
      for (let kx = 0; kx < window.kernel[1]; kx++) {
        visit((n * kh + ky + window.offset[0]) * kw + kx + window.offset[1]);
      }
    }
  }
}
