import { z } from 'zod';
import { layerBase, shift, size } from '../fields.ts';

/** Recurrent layer over the rows of an int8 map; its last state, int8 in steps of 1/128. */
export const schema = z.strictObject({
  kind: z.literal('lstm'),
  ...layerBase,
  units: size.max(1024),
  /** Of the sums over the inputs; those over the state are not shifted. */
  shift,
});
export type LstmLayer = z.infer<typeof schema>;
