import { shapeText } from '../../c/c-text.ts';
import { at, clamp, mulHigh } from '../arithmetic.ts';
import { ACCUMULATOR_LIMIT } from '../bounds.ts';
import { FREE, type Operator } from '../operator.ts';
import { type AverageLayer, schema } from './layer.ts';

export const average = {
  kind: 'average',
  schema,
  inputs: ({ from }) => [{ id: from, takes: ['int8'] }],
  place: ({ output }, [{ shape }]) => ({
    shape: [1, 1, shape[2]],
    type: 'int8',
    zeroPoint: output.zeroPoint,
  }),
  tensors: () => [],

  check({ layer, inputs: [{ shape }] }) {
    const most = shape[0] * shape[1] * 255 * 2 ** layer.output.shift;
    return most > ACCUMULATOR_LIMIT ? 'can overflow its accumulator' : undefined;
  },

  run({ layer }, [input]) {
    const [h, w, channels] = input.shape;
    const { zeroPoint, min, max, shift } = layer.output;
    const out = new Int32Array(channels);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < h * w; i++) sum += at(input.data, i * channels + c) - input.zeroPoint;
      out[c] = clamp(zeroPoint + mulHigh(sum * 2 ** shift, layer.multiplier), min, max);
    }
    return out;
  },

  cost: () => FREE,
  scratch: () => 0,

  constants(c, { layer, inputs: [input] }) {
    const { zeroPoint, min, max, shift } = layer.output;
    c.put(
      `static const oto_average ${layer.id} = {`,
      `    .in = ${shapeText(input.shape)}, .in_zero = ${input.zeroPoint}, .multiplier = ${layer.multiplier},`,
      `    .stage = {.kind = OTO_TO_INT8, .shift = ${shift}, .zero = ${zeroPoint}, .min = ${min}, .max = ${max}},`,
      '};',
    );
  },

  calls: ({ layer }, at) => [
    `oto_average_run(&${layer.id}, (const int8_t *)(${at.inputs[0]}), (int8_t *)(${at.output}));`,
  ],
} satisfies Operator<AverageLayer>;
