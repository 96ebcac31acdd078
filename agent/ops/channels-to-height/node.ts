import { z } from 'zod';
import { nodeBase } from '../node-fields.ts';

/** 1-D features become an image: [1, W, C] -> [C, W, 1] (ACDNet's swap of axes). */
export const schema = z.strictObject({ kind: z.literal('channelsToHeight'), ...nodeBase });
export type ChannelsToHeightNode = Readonly<z.infer<typeof schema>>;
