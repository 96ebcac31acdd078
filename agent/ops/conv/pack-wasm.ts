import type { PackedArray } from './c-source.ts';
import type { ConvWeights, KernelSet } from './kernels.ts';
import type { ConvStage } from './stages.ts';

/** Output channels of a vector. */
const LANES = 4;
/** Positions and channels that firmware/nn/conv/wasm.h computes at once. */
const POSITIONS = 4;
const CHANNELS = 8;

const alignUp = (n: number): number => Math.ceil(n / 16) * 16;

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

/** uint32 [channel / 4][word][4]. */
function packWords(words: readonly Uint32Array[]): Uint32Array {
  const length = words[0]?.length ?? 0;
  const out = new Uint32Array(Math.ceil(words.length / LANES) * LANES * length);
  words.forEach((channel, n) => {
    channel.forEach((word, i) => {
      out[(Math.floor(n / LANES) * length + i) * LANES + (n % LANES)] = word;
    });
  });
  return out;
}

/** Accumulators of a row of positions, then the widened input; what a block reads beyond its last row is zero or unused. */
function convScratch({ layer, window, placed }: ConvStage): number {
  const [height, width] = placed.output.shape;
  const channels = placed.input.shape[2];
  const positions = width * layer.pool[1];
  const columns = (positions - 1) * layer.stride[1] + window.kernel[1];
  const rows = (height * layer.pool[0] - 1) * layer.stride[0] + window.kernel[0];
  const beyond = POSITIONS * layer.stride[1] * channels + 1;
  return (positions + POSITIONS) * CHANNELS * 4 + alignUp((rows * columns * channels + beyond) * 2);
}

/** WebAssembly SIMD (firmware/nn/kernels_wasm.h). The gateway has memory to spare: inputs are widened whole. */
export const wasmKernels: KernelSet = {
  id: 'wasm',
  tiled: false,
  packConv: packPairs,
  biasCorrection: () => undefined,
  convStripe: () => 1,
  convScratch,
  xnorWords: (words) => words,
  packXnor: packWords,
  packFrontFirst: packPairs,
  packFrontSecond: packPairs,
  laneWords: 4,
  tileElement: 2,
};
