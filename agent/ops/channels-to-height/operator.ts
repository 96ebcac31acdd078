import { z } from 'zod';
import { asSigns } from '../../c/c-text.ts';
import { at } from '../arithmetic.ts';
import { layerBase } from '../fields.ts';
import { FREE, type Operator } from '../operator.ts';

/** [1, W, C] -> [C, W, 1]; the type of the activations stays. */
const schema = z.strictObject({ kind: z.literal('channelsToHeight'), ...layerBase });
export type ChannelsToHeightLayer = z.infer<typeof schema>;

export const channelsToHeight = {
  kind: 'channelsToHeight',
  schema,
  channelsToRows: true,
  inputs: ({ from }) => [{ id: from, takes: ['int8', 'int16', 'bits'] }],

  place(_layer, [input]) {
    const [height, width, channels] = input.shape;
    if (height !== 1) return { fault: `takes a map of height 1, not ${height}` };
    return { ...input, shape: [channels, width, 1] };
  },

  tensors: () => [],
  check: () => undefined,

  run(_placed, [input]) {
    const [, width, channels] = input.shape;
    return Int32Array.from({ length: width * channels }, (_, i) =>
      at(input.data, (i % width) * channels + Math.floor(i / width)),
    );
  },

  cost: () => FREE,
  scratch: () => 0,
  constants: () => {},

  calls({ inputs: [input] }, at) {
    const [, width, channels] = input.shape;
    const from = at.inputs[0];
    if (input.type === 'bits') {
      return [
        `oto_channels_to_height_bits(${asSigns(from)}, ${width}, ${channels}, (uint32_t *)(void *)(${at.output}));`,
      ];
    }
    const size = input.type === 'int8' ? 1 : 2;
    return [`oto_channels_to_height(${from}, ${width}, ${channels}, ${size}, ${at.output});`];
  },
} satisfies Operator<ChannelsToHeightLayer>;
