import { z } from 'zod';
import { at } from '../arithmetic.ts';
import { layerBase, size } from '../fields.ts';
import { reachOf } from '../maps.ts';
import type { Operator } from '../operator.ts';
import { outputStageText } from '../output-stage/emit.ts';
import { outputStage } from '../output-stage/reference.ts';
import { int8Output, scoresOutput } from '../output-stage/schema.ts';
import { outputTensors, weightedSumFault } from '../output-stage/tensors.ts';
import { elementsOf } from '../tensors.ts';

/** Fully connected layer over an int8 map in memory order. */
const schema = z.strictObject({
  kind: z.literal('dense'),
  ...layerBase,
  units: size,
  output: z.discriminatedUnion('type', [int8Output, scoresOutput]),
});
export type DenseLayer = z.infer<typeof schema>;

export const dense = {
  kind: 'dense',
  schema,
  inputs: ({ from }) => [{ id: from, takes: ['int8'] }],

  place({ units, output }) {
    const zeroPoint = output.type === 'int8' ? output.zeroPoint : 0;
    return { shape: [1, 1, units], type: output.type, zeroPoint };
  },

  tensors: ({ units, output }, [{ shape }]) => [
    { name: 'weight', dtype: 'I8', shape: [units, elementsOf(shape)] },
    ...outputTensors(output, units),
  ],

  check: ({ layer: { units, output }, inputs: [input] }, tensors) =>
    weightedSumFault(output, units, reachOf(input), tensors),

  run({ layer }, [input], tensors) {
    const weight = tensors.int8('weight');
    const stage = outputStage(layer.output, tensors);
    const inputs = input.data.length;
    return Int32Array.from({ length: layer.units }, (_, n) => {
      let acc = 0;
      for (let k = 0; k < inputs; k++) {
        acc += at(weight, n * inputs + k) * (at(input.data, k) - input.zeroPoint);
      }
      return stage(acc, 0, 0, n);
    });
  },

  cost: ({ layer, inputs: [{ shape }] }) => ({
    macs: elementsOf(shape) * layer.units,
    binaryMacs: 0,
  }),
  scratch: () => 0,

  constants(c, { layer, inputs: [input] }, tensors) {
    const { id, output, units } = layer;
    const weight = tensors.int8('weight');
    c.array(`${id}_weight`, { type: 'int8_t', values: weight });
    const stage = outputStageText(c, { id, output, tensors, reach: 0 });
    c.put(
      `static const oto_dense ${id} = {`,
      `    .inputs = ${weight.length / units}, .units = ${units}, .in_zero = ${input.zeroPoint},`,
      `    .weight = ${id}_weight,`,
      `    .stage = ${stage},`,
      '};',
    );
  },

  calls: ({ layer }, at) => [
    `oto_dense_run(&${layer.id}, (const int8_t *)(${at.inputs[0]}), ${at.output});`,
  ],
} satisfies Operator<DenseLayer>;
