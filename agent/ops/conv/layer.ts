import { z } from 'zod';
import { windowFields } from '../convolution/window.ts';
import { layerBase } from '../fields.ts';
import type { Placed } from '../operator.ts';
import { bitsOutput, int8Output, int16Output } from '../output-stage/schema.ts';

/** Convolution of int8 or int16 activations with int8 weights, then a max pool. */
export const schema = z.strictObject({
  kind: z.literal('conv'),
  ...layerBase,
  ...windowFields,
  output: z.discriminatedUnion('type', [int8Output, int16Output, bitsOutput]),
});
export type ConvLayer = z.infer<typeof schema>;
export type PlacedConv = Placed<ConvLayer>;

export function isConv(placed: Placed): placed is PlacedConv {
  return placed.layer.kind === 'conv';
}
