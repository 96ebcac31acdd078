import { z } from 'zod';
import { windowFields } from '../convolution/window.ts';
import { layerBase } from '../fields.ts';
import type { Placed } from '../operator.ts';
import { bitsOutput, int8Output, int16Output, residualOutput } from '../output-stage/schema.ts';

/** Convolution of signs with signs. `same` pads with nothing (0), or with a constant sign. */
export const schema = z.strictObject({
  kind: z.literal('xnorConv'),
  ...layerBase,
  ...windowFields,
  padValue: z.union([z.literal(0), z.literal(1), z.literal(-1)]),
  output: z.discriminatedUnion('type', [int8Output, int16Output, bitsOutput, residualOutput]),
});
export type XnorConvLayer = z.infer<typeof schema>;
export type PlacedXnor = Placed<XnorConvLayer>;
