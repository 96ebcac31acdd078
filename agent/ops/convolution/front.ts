import { alignUp } from '../../c/arena.ts';
import type { Pair } from '../maps.ts';
import type { AnyLayer, Placed } from '../operator.ts';
import type { Sliding } from './window.ts';

/** Two 1-D convolutions and a pool over samples as they arrive: what is the same for real and binary ones. */

/** The C side's oto_front_state. */
export const STATE_HEADER = 8;
/** Bytes that kernels may read past the samples of a front end, or past the positions below in its tile. */
export const OVERREAD = 16;

/** Whether a convolution can take its input in portions: one row, no padding, no input left out between kernels. */
export function slidesAlong({ layer, inputs: [input] }: Placed<AnyLayer & Sliding>): boolean {
  return (
    layer.kernel[0] === 1 &&
    layer.padding === 'valid' &&
    input.shape[0] === 1 &&
    layer.kernel[1] >= layer.stride[1]
  );
}

/** Bytes of the samples that `outputs` outputs of the first convolution read. */
export function sampleBytes(
  { kernel, stride }: { readonly kernel: Pair; readonly stride: Pair },
  outputs: number,
): number {
  const samples = (outputs - 1) * stride[1] + kernel[1];
  return alignUp(samples * 2 + OVERREAD);
}
