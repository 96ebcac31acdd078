import type { ConvPacking } from './packing.ts';

/** Weights as the model file has them; no scratch. For the host, and the measure of every other set. */
export const portablePacking: ConvPacking = {
  tiled: false,
  pack: (weights) => ({ type: 'int8_t', values: weights.data }),
  biasCorrection: () => undefined,
  stripe: () => 1,
  scratch: () => 0,
  packFirst: (weights) => ({ type: 'int8_t', values: weights.data }),
  packSecond: (weights) => ({ type: 'int8_t', values: weights.data }),
  tileElement: 1,
};
