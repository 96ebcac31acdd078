import { trim } from '../convolution/taps.ts';
import type { PlacedXnor } from './layer.ts';

/** How one set of C kernels wants the signs and the scratch memory of binary convolutions. */
export interface XnorPacking {
  /** Words of a channel's weights and of a patch, with the kernels' padding, for `words` that hold signs. */
  words(words: number): number;
  /** `channels[n]`: one channel's weights in patch order, `words` long. */
  pack(channels: readonly Uint32Array[], placed: PlacedXnor): Uint32Array;
  /** Bytes. */
  scratch(placed: PlacedXnor): number;
  /** Words that straight-line code on signs handles at once (OTO_LANE_WORDS). */
  readonly laneWords: number;
}

/** Words of a channel's weights as the model has them, before any padding. */
export function patchWords(placed: PlacedXnor): number {
  const [kh, kw] = trim(placed).kernel;
  return Math.ceil((kh * kw * placed.inputs[0].shape[2]) / 32);
}

/** The C side's OTO_XNOR_SCRATCH: a patch, and what channels are summed in. */
export function plainScratch({ layer }: PlacedXnor, patch: number): number {
  const channels = Math.ceil(layer.channels / 4) * 4;
  return 4 * (patch + 4 * channels);
}

/** Words as they are. */
export const portablePacking: XnorPacking = {
  words: (words) => words,
  pack: (channels) => Uint32Array.from(channels.flatMap((words) => [...words])),
  scratch: (placed) => plainScratch(placed, patchWords(placed)),
  laneWords: 1,
};
