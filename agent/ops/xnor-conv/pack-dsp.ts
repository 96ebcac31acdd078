import { patchWords, plainScratch, portablePacking, type XnorPacking } from './packing.ts';

/** Recodes triples of words so that XNOR and full adder of three take five operations (firmware/nn/xnor-conv/dsp.h). */
function recodeTriples(words: Uint32Array): Uint32Array {
  const out = new Uint32Array(words.length);
  for (let i = 0; i < words.length; i += 3) {
    const [a, b, c] = [words[i] ?? 0, words[i + 1] ?? 0, words[i + 2] ?? 0];
    out[i] = a ^ b ^ c;
    out[i + 1] = a ^ b;
    out[i + 2] = a ^ c;
  }
  return out;
}

const padded = (words: number): number => Math.ceil(words / 3) * 3;

/** Kernels of firmware/nn/xnor-conv/dsp.h, for Cortex-M4, M7 and M33. */
export const dspPacking: XnorPacking = {
  ...portablePacking,
  words: padded,
  pack: (channels) => Uint32Array.from(channels.flatMap((words) => [...recodeTriples(words)])),
  scratch: (placed) => plainScratch(placed, padded(patchWords(placed))),
};
