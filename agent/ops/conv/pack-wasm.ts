import { alignUp } from '../../c/arena.ts';
import type { PackedArray } from '../../c/c-source.ts';
import { trim } from '../convolution/taps.ts';
import type { PlacedConv } from './layer.ts';
import type { ConvPacking } from './packing.ts';
import type { ConvWeights } from './weights.ts';

/** Output channels of a vector. */
const LANES = 4;
/** Positions and channels that firmware/nn/conv/wasm.h computes at once. */
const POSITIONS = 4;
const CHANNELS = 8;

/** int16 [channel / 4][ky][pair][4][2]: pairs of neighbouring inputs of four channels, zeros where there are none. */
function packPairs({ channels, kernel, inChannels, data }: ConvWeights): PackedArray {
  const [rows, width] = kernel;
  const taps = width * inChannels;
  const pairs = Math.ceil(taps / 2);
  const values = new Int16Array(Math.ceil(channels / LANES) * LANES * rows * pairs * 2);
  for (let n = 0; n < channels; n++) {
    for (let ky = 0; ky < rows; ky++) {
      for (let k = 0; k < taps; k++) {
        const vector = (Math.floor(n / LANES) * rows + ky) * pairs + (k >> 1);
        values[(vector * LANES + (n % LANES)) * 2 + (k & 1)] =
          data[(n * rows + ky) * taps + k] ?? 0;
      }
    }
  }
  return { type: 'int16_t', values };
}

/** Accumulators of a row of positions, then the widened input; what a block reads beyond its last row is zero or unused. */
function scratch(placed: PlacedConv): number {
  const { layer, inputs, output } = placed;
  const { kernel } = trim(placed);
  const [height, width] = output.shape;
  const channels = inputs[0].shape[2];
  const positions = width * layer.pool[1];
  const columns = (positions - 1) * layer.stride[1] + kernel[1];
  const rows = (height * layer.pool[0] - 1) * layer.stride[0] + kernel[0];
  const beyond = POSITIONS * layer.stride[1] * channels + 1;
  return (positions + POSITIONS) * CHANNELS * 4 + alignUp((rows * columns * channels + beyond) * 2);
}

/** WebAssembly SIMD (firmware/nn/conv/wasm.h). The gateway has memory to spare: inputs are widened whole. */
export const wasmPacking: ConvPacking = {
  tiled: false,
  pack: packPairs,
  biasCorrection: () => undefined,
  stripe: () => 1,
  scratch,
  packFirst: packPairs,
  packSecond: packPairs,
  tileElement: 2,
};
