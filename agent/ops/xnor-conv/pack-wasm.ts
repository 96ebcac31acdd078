import { portablePacking, type XnorPacking } from './packing.ts';

/** Output channels of a vector. */
const LANES = 4;

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

/** WebAssembly SIMD (firmware/nn/xnor-conv/wasm.h). */
export const wasmPacking: XnorPacking = { ...portablePacking, pack: packWords, laneWords: 4 };
