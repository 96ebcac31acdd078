import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';
import { size } from '../ops/node-fields.ts';
import { nodeOperators } from '../ops/registry.ts';
import type { Net } from './graph.ts';

const [anyOperator, ...otherOperators] = Object.values(nodeOperators);
if (anyOperator === undefined) throw new Error('no operators');

/** Schema of an architecture in a file of somebody's; whether its nodes fit together, costOf and shapesOf find out. */
export const netSchema: z.ZodType<Net> = z.strictObject({
  name: plainText.min(1).max(200),
  classes: size,
  sampleRate: size,
  input: z.tuple([size, size, size]),
  nodes: z
    .array(
      z.discriminatedUnion('kind', [
        anyOperator.schema,
        ...otherOperators.map(({ schema }) => schema),
      ]),
    )
    .min(1)
    .max(500),
});
