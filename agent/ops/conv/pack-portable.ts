import type { KernelSet } from './kernels.ts';

/** Weights as the model file has them; no scratch. For the host, and the measure of every other set. */
export const portableKernels: KernelSet = {
  id: 'portable',
  tiled: false,
  packConv: (weights) => ({ type: 'int8_t', values: weights.data }),
  biasCorrection: () => undefined,
  convStripe: () => 1,
  convScratch: () => 0,
  xnorWords: (words) => words,
  packXnor: (words) => Uint32Array.from(words.flatMap((w) => [...w])),
  packFrontFirst: (weights) => ({ type: 'int8_t', values: weights.data }),
  packFrontSecond: (weights) => ({ type: 'int8_t', values: weights.data }),
  laneWords: 1,
  tileElement: 1,
};
