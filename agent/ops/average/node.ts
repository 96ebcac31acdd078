import { z } from 'zod';
import { nodeBase } from '../node-fields.ts';

/** Mean over height and width: [H, W, C] -> [1, 1, C]. */
export const schema = z.strictObject({ kind: z.literal('average'), ...nodeBase });
export type AverageNode = Readonly<z.infer<typeof schema>>;
