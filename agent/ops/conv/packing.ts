import type { PackedArray } from './c-source.ts';
import type { ConvStage, FrontStage, XnorStage } from './stages.ts';

/** Weights of a convolution after trimming: [n][ky][kx][c]. */
export interface ConvWeights {
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly inChannels: number;
  readonly stride: readonly [number, number];
  readonly data: Int8Array;
}

/**
 * How one set of C kernels (a `kernels_*.h` of firmware/nn) wants its weights and scratch memory. The
 * headers state the sizes too, and `_Static_assert`s of the generated file hold them against the layout's.
 */
export interface KernelSet {
  readonly id: 'portable' | 'dsp' | 'mve' | 'wasm';
  /** Convolutions copy input rows to scratch before they write, so an output may lie over its input. */
  readonly tiled: boolean;
  packConv(weights: ConvWeights, stage: ConvStage): PackedArray;
  /** Added to the bias of channel n, for kernels that do not subtract the input's zero point. */
  biasCorrection(weights: ConvWeights, stage: ConvStage): Int32Array | undefined;
  /** Pooled output rows that are computed from one tile. */
  convStripe(stage: ConvStage): number;
  convScratch(stage: ConvStage): number;
  /** Words of a channel's weights and of a patch, with the target's padding. */
  xnorWords(words: number): number;
  /** `words[n]`: one channel's weights in patch order, `xnorWords` long. */
  packXnor(words: readonly Uint32Array[], stage: XnorStage): Uint32Array;
  /** Bytes of a binary convolution's scratch, where they are not those of firmware/nn/xnor-conv/position.h. */
  readonly xnorScratch?: (stage: XnorStage) => number;
  packFrontFirst(weights: ConvWeights, front: FrontStage): PackedArray;
  packFrontSecond(weights: ConvWeights, front: FrontStage): PackedArray;
  /** Words that straight-line code on signs handles at once (OTO_LANE_WORDS). */
  readonly laneWords: number;
  /** Bytes of one element of the front end's tile. */
  readonly tileElement: number;
}

/** A stage that multiplies real weights or signs. */
export type AnyConvStage = ConvStage | XnorStage;
