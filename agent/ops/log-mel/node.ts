import { z } from 'zod';
import { nodeBase, size } from '../node-fields.ts';

/** Log-mel spectrogram of a [1, samples, 1] input: -> [frames, bands, 1]. */
export const schema = z.strictObject({
  kind: z.literal('logMel'),
  ...nodeBase,
  frame: size,
  hop: size,
  bands: size,
});
export type LogMelNode = Readonly<z.infer<typeof schema>>;
