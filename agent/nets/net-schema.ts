import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';
import type { Net } from './graph.ts';

/** Schema of an architecture in a file of somebody's; whether its nodes fit together, costOf and shapes find out. */
const id = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,40}$/);
const size = z.number().int().min(1).max(1_000_000);
const pair = z.tuple([size, size]);
const base = { id, from: id };

const node = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('conv'),
    ...base,
    form: z.enum(['plain', 'paper', 'residual']),
    channels: size,
    kernel: pair,
    stride: pair,
    padding: z.enum(['valid', 'same']),
    pool: pair,
  }),
  z.strictObject({ kind: z.literal('channelsToHeight'), ...base }),
  z.strictObject({ kind: z.literal('average'), ...base }),
  z.strictObject({ kind: z.literal('dropout'), ...base, rate: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('dense'), ...base, units: size }),
  z.strictObject({ kind: z.literal('logMel'), ...base, frame: size, hop: size, bands: size }),
  z.strictObject({ kind: z.literal('lstm'), ...base, units: size }),
]);

export const netSchema: z.ZodType<Net> = z.strictObject({
  name: plainText.min(1).max(200),
  classes: size,
  sampleRate: size,
  input: z.tuple([size, size, size]),
  nodes: z.array(node).min(1).max(500),
});
