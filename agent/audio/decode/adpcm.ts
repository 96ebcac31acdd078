import type { WavFormat } from './wav-file.ts';

/** Blocks of samples to channels of samples in 16 bits. */
type Blocks = (format: WavFormat, data: Uint8Array) => readonly Int16Array[];

/** Steps of IMA ADPCM, each 1.1 times the one before (IMA, "Recommended Practices for Enhancing Digital Audio
 * Compatibility", 1992, section 6). */
const STEPS = Int32Array.of(
  ...[7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60],
  ...[66, 73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371],
  ...[408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878],
  ...[2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845],
  ...[8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086],
  ...[29794, 32767],
);
/** How far the step moves, by the magnitude of a nibble. */
const STEP_MOVES = Int32Array.of(-1, -1, -1, -1, 2, 4, 6, 8);

/** Factors of the step in 256ths, by nibble, and the predictors that every file has (Microsoft, "New Multimedia Data
 * Types and Data Techniques", 1994). */
const MS_FACTORS = Int32Array.of(
  ...[230, 230, 230, 230, 307, 409, 512, 614],
  ...[768, 614, 512, 409, 307, 230, 230, 230],
);
const MS_PREDICTORS: WavFormat['coefficients'] = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
];

const clip16 = (x: number): number => Math.max(-32768, Math.min(32767, x));

/** IMA (DVI) ADPCM: words of eight nibbles, channel by channel. */
export const decodeIma: Blocks = (format, data) => {
  const { channels } = format;
  const words = (bytes: number): number => Math.floor(bytes / (4 * channels)) - 1;
  return decodeBlocks(format, data, (bytes) => 1 + 8 * words(bytes), imaBlock);
};

function imaBlock(block: Uint8Array, { channels }: WavFormat, put: Put, frames: number): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (let c = 0; c < channels; c++) {
    let value = view.getInt16(4 * c, true);
    let step = Math.min(STEPS.length - 1, block[4 * c + 2] ?? 0);
    put(c, 0, value);
    for (let i = 0; i < frames - 1; i++) {
      const word = 4 * (channels * (1 + (i >> 3)) + c);
      const byte = block[word + ((i & 7) >> 1)] ?? 0;
      const nibble = i & 1 ? byte >> 4 : byte & 15;
      const change = ((2 * (nibble & 7) + 1) * (STEPS[step] ?? 0)) >> 3;
      value = clip16(nibble & 8 ? value - change : value + change);
      step = Math.max(0, Math.min(STEPS.length - 1, step + (STEP_MOVES[nibble & 7] ?? 0)));
      put(c, i + 1, value);
    }
  }
}

/** Microsoft ADPCM: nibbles in turn for each channel, the upper one of a byte first. */
export const decodeMs: Blocks = (format, data) => {
  const { channels } = format;
  const nibbles = (bytes: number): number => Math.floor(((bytes - 7 * channels) * 2) / channels);
  return decodeBlocks(format, data, (bytes) => 2 + nibbles(bytes), msBlock);
};

function msBlock(block: Uint8Array, format: WavFormat, put: Put, frames: number): void {
  const { channels } = format;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const predictors = format.coefficients.length > 0 ? format.coefficients : MS_PREDICTORS;
  for (let c = 0; c < channels; c++) {
    const chosen = predictors[block[c] ?? 0];
    if (chosen === undefined) throw new Error('it names a predictor that it does not have');
    const word = (i: number): number => view.getInt16(channels + 2 * (i * channels + c), true);
    let [delta, last, before] = [word(0), word(1), word(2)];
    put(c, 0, before);
    put(c, 1, last);
    for (let i = 2; i < frames; i++) {
      const at = (i - 2) * channels + c;
      const byte = block[7 * channels + (at >> 1)] ?? 0;
      const nibble = at & 1 ? byte & 15 : byte >> 4;
      const predicted = (last * chosen[0] + before * chosen[1]) >> 8;
      before = last;
      last = clip16(predicted + delta * (nibble < 8 ? nibble : nibble - 16));
      delta = Math.max(16, ((MS_FACTORS[nibble] ?? 0) * delta) >> 8);
      put(c, i, last);
    }
  }
}

type Put = (channel: number, frame: number, value: number) => void;

/** Block by block; a file that was cut off ends in part of one. */
function decodeBlocks(
  format: WavFormat,
  data: Uint8Array,
  framesOf: (bytes: number) => number,
  decode: (block: Uint8Array, format: WavFormat, put: Put, frames: number) => void,
): readonly Int16Array[] {
  const { channels, blockAlign, blockFrames } = format;
  const most = Math.min(framesOf(blockAlign), blockFrames || Number.POSITIVE_INFINITY);
  if (!(most >= 1)) throw new Error(`its blocks of ${blockAlign} bytes hold no samples`);
  const blocks = Math.ceil(data.length / blockAlign);
  const out = Array.from({ length: channels }, () => new Int16Array(blocks * most));
  let at = 0;
  for (let start = 0; start < data.length; start += blockAlign) {
    const block = data.subarray(start, start + blockAlign);
    const frames = Math.min(most, framesOf(block.length));
    if (frames < 1) break;
    const from = at;
    decode(
      block,
      format,
      (c, frame, value) => {
        const channel = out[c];
        if (channel !== undefined && frame < frames) channel[from + frame] = value;
      },
      frames,
    );
    at += frames;
  }
  return out.map((channel) => channel.subarray(0, at));
}
