import { z } from 'zod';
import { nodeBase, size } from '../node-fields.ts';

/** Fully connected over everything it reads, with bias; the last one gives the logits. */
export const schema = z.strictObject({ kind: z.literal('dense'), ...nodeBase, units: size });
export type DenseNode = Readonly<z.infer<typeof schema>>;
