import { z } from 'zod';
import { blockFields } from '../convolution/block.ts';
import { nodeBase } from '../node-fields.ts';

/** A convolution block, in one of the forms that convolution/block.ts describes. */
export const schema = z.strictObject({ kind: z.literal('conv'), ...nodeBase, ...blockFields });
export type ConvNode = Readonly<z.infer<typeof schema>>;
