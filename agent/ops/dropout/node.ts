import { z } from 'zod';
import { nodeBase } from '../node-fields.ts';

/** Leaves out values by chance while a network trains; on a board it is nothing. */
export const schema = z.strictObject({
  kind: z.literal('dropout'),
  ...nodeBase,
  rate: z.number().min(0).max(1),
});
export type DropoutNode = Readonly<z.infer<typeof schema>>;
