import { z } from 'zod';
import { id, layerBase } from '../fields.ts';
import { int8Output } from '../output-stage/schema.ts';

/** A factor of an input: its scale over the output's, in units of 2^-fraction. */
const factor = z.number().int().min(0).max(0x7fffff);

/** Sum of two int8 maps of one shape, each with a scale and a zero point of its own: a shortcut past some layers. */
export const schema = z.strictObject({
  kind: z.literal('add'),
  ...layerBase,
  /** The other map. */
  with: id,
  /** Of `from` and of `with`. */
  factors: z.tuple([factor, factor]),
  /** Binary digits of the factors behind the point. */
  fraction: z.number().int().min(1).max(22),
  output: int8Output.omit({ shift: true }),
});
export type AddLayer = z.infer<typeof schema>;
