import { z } from 'zod';
import { nodeBase, size } from '../node-fields.ts';

/** Recurrent layer over height (time); returns the last state: [T, F, C] -> [1, 1, units]. */
export const schema = z.strictObject({ kind: z.literal('lstm'), ...nodeBase, units: size });
export type LstmNode = Readonly<z.infer<typeof schema>>;
