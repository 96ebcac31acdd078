import type { PackedArray } from '../../c/c-source.ts';
import type { PlacedConv } from './layer.ts';
import type { ConvWeights } from './weights.ts';

/**
 * How one set of C kernels wants the weights and the scratch memory of convolutions. The headers state the sizes too, and
 * `_Static_assert`s of the generated file hold them against the layout's.
 */
export interface ConvPacking {
  /** It copies input rows to scratch before it writes, so an output may lie over its input. */
  readonly tiled: boolean;
  pack(weights: ConvWeights, placed: PlacedConv): PackedArray;
  /** Added to the bias of channel n, for kernels that do not subtract the input's zero point. */
  biasCorrection(weights: ConvWeights, placed: PlacedConv): Int32Array | undefined;
  /** Pooled output rows that are computed from one tile. */
  stripe(placed: PlacedConv): number;
  /** Bytes. */
  scratch(placed: PlacedConv): number;
  /** Weights of the first and second convolution of a front end, whose input arrives in portions. */
  packFirst(weights: ConvWeights, first: PlacedConv): PackedArray;
  packSecond(weights: ConvWeights): PackedArray;
  /** Bytes of one element of the front end's tile. */
  readonly tileElement: number;
}
