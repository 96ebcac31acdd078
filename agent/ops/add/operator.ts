import { at, clamp } from '../arithmetic.ts';
import { ACCUMULATOR_LIMIT } from '../bounds.ts';
import { FREE, type Operator } from '../operator.ts';
import { elementsOf } from '../tensors.ts';
import { type AddLayer, schema } from './layer.ts';

/** Most that a value less a zero point, or both taken one after the other, can amount to. */
const REACH = 256;

export const add = {
  kind: 'add',
  schema,
  inputs: (layer) => [
    { id: layer.from, takes: ['int8'] },
    { id: layer.with, takes: ['int8'] },
  ],

  place({ output: { zeroPoint } }, [{ shape }, other]) {
    if (other?.shape.join() === shape.join()) return { shape, type: 'int8', zeroPoint };
    return { fault: `adds a map of ${other?.shape.join('x')} to one of ${shape.join('x')}` };
  },

  tensors: () => [],

  check({ layer: { factors, fraction } }) {
    const most = REACH * (factors[0] + factors[1]) + 2 ** (fraction - 1);
    return most > ACCUMULATOR_LIMIT ? 'can overflow its sum' : undefined;
  },

  run({ layer }, [a, b]) {
    if (b === undefined) throw new Error(`${layer.id} adds one map`);
    const { factors, fraction, output } = layer;
    const half = 2 ** (fraction - 1);
    return Int32Array.from(a.data, (value, i) => {
      const left = (value - a.zeroPoint) * factors[0];
      const right = (at(b.data, i) - b.zeroPoint) * factors[1];
      const sum = (left + right + half) >> fraction;
      return clamp(output.zeroPoint + sum, output.min, output.max);
    });
  },

  cost: () => FREE,
  scratch: () => 0,
  // A value is read at the place where its sum is then written.
  over: ({ layer }) => ({ id: layer.from, gap: 0 }),
  remark: ({ layer }) => `plus ${layer.with}`,

  constants(c, { layer, inputs, output: { shape } }) {
    const { factors, fraction, output } = layer;
    c.put(
      `static const oto_add ${layer.id} = {`,
      `    .count = ${elementsOf(shape)}, .fraction = ${fraction},`,
      `    .a_zero = ${inputs[0].zeroPoint}, .a_factor = ${factors[0]},`,
      `    .b_zero = ${inputs[1]?.zeroPoint ?? 0}, .b_factor = ${factors[1]},`,
      `    .zero = ${output.zeroPoint}, .min = ${output.min}, .max = ${output.max},`,
      '};',
    );
  },

  calls: ({ layer }, { inputs, output }) => [
    `oto_add_run(&${layer.id}, (const int8_t *)(${inputs[0]}), (const int8_t *)(${inputs[1]}), (int8_t *)(${output}));`,
  ],
} satisfies Operator<AddLayer>;
