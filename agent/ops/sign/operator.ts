import { z } from 'zod';
import { shapeText } from '../../c/c-text.ts';
import { at } from '../arithmetic.ts';
import { layerBase } from '../fields.ts';
import { FREE, type Operator } from '../operator.ts';

/** Signs of an int8 or int16 map: 1 where a value reaches its channel's threshold. */
const schema = z.strictObject({ kind: z.literal('sign'), ...layerBase });
export type SignLayer = z.infer<typeof schema>;

/** Thresholds that C reads at once (OTO_SIGN_PERIOD). */
const PERIOD = 32;

export const sign = {
  kind: 'sign',
  schema,
  inputs: ({ from }) => [{ id: from, takes: ['int8', 'int16'] }],
  place: (_layer, [{ shape }]) => ({ shape, type: 'bits', zeroPoint: 0 }),
  tensors: (_layer, [{ shape }]) => [{ name: 'threshold', dtype: 'I32', shape: [shape[2]] }],
  check: () => undefined,

  run(_placed, [input], tensors) {
    const threshold = tensors.int32('threshold');
    return Int32Array.from(input.data, (x, i) =>
      x >= at(threshold, i % threshold.length) ? 1 : 0,
    );
  },

  cost: () => FREE,
  scratch: () => 0,

  constants(c, { layer }, tensors) {
    const threshold = tensors.int32('threshold');
    const period = PERIOD % threshold.length === 0 ? PERIOD : threshold.length;
    // Beyond an int16's range a threshold only says always or never (oto_sign_word).
    const values = Array.from({ length: period }, (_, i) =>
      Math.min(Math.max(threshold[i % threshold.length] ?? 0, -32768), 32768),
    );
    c.array(`${layer.id}_threshold`, { type: 'int32_t', values });
  },

  calls({ layer, inputs: [input] }, at) {
    const source = input.type === 'int8' ? 'OTO_FROM_INT8' : 'OTO_FROM_INT16';
    return [
      `oto_sign(${at.inputs[0]}, ${source}, (oto_shape)${shapeText(input.shape)}, ${layer.id}_threshold,`,
      `         (uint32_t *)(void *)(${at.output}));`,
    ];
  },
} satisfies Operator<SignLayer>;
