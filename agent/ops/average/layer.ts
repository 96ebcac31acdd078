import { z } from 'zod';
import { layerBase, multiplier } from '../fields.ts';
import { int8Output } from '../output-stage/schema.ts';

/** Mean of an int8 map over height and width. */
export const schema = z.strictObject({
  kind: z.literal('average'),
  ...layerBase,
  /** Of the shifted sum, in units of 2^-32: 1 / positions, and the ratio of scales. */
  multiplier,
  output: int8Output,
});
export type AverageLayer = z.infer<typeof schema>;
