import { at } from '../arithmetic.ts';
import { windowRemark } from '../convolution/emit.ts';
import { forTaps, pooled, type Sum } from '../convolution/reference.ts';
import { withoutUnmetTaps } from '../convolution/taps.ts';
import { macsOf, pooledShape } from '../convolution/window.ts';
import { type ActivationMap, reachOf } from '../maps.ts';
import type { Operator } from '../operator.ts';
import { outputStage } from '../output-stage/reference.ts';
import { outputTensors, weightedSumFault } from '../output-stage/tensors.ts';
import { emitDescriptor, loopsText, overInput, scratchText } from './emit.ts';
import { frontOf } from './front.ts';
import { type ConvLayer, schema } from './layer.ts';
import { convPackings } from './packings.ts';
import { convWeights } from './weights.ts';

export const conv = {
  kind: 'conv',
  schema,
  inputs: ({ from }) => [{ id: from, takes: ['int8', 'int16'] }],

  place(layer, [{ shape }]) {
    const { output } = layer;
    const zeroPoint = output.type === 'int8' ? output.zeroPoint : 0;
    return { shape: pooledShape(shape, layer), type: output.type, zeroPoint };
  },

  tensors: ({ channels, kernel, output }, [{ shape }]) => [
    { name: 'weight', dtype: 'I8', shape: [channels, ...kernel, shape[2]] },
    ...outputTensors(output, channels),
  ],

  check: ({ layer: { channels, output }, inputs: [input] }, tensors) =>
    weightedSumFault(output, channels, reachOf(input), tensors),

  run({ layer, output }, [input], tensors) {
    const sum = sumOf(layer, input, tensors.int8('weight'));
    return pooled(layer, input, output, sum, outputStage(layer.output, tensors));
  },

  cost: ({ layer, inputs: [{ shape }] }) => ({ macs: macsOf(shape, layer), binaryMacs: 0 }),

  simplify: (placed, tensors) => withoutUnmetTaps(placed, tensors.int8('weight')),

  scratch: (placed, kernels) => convPackings[kernels].scratch(placed),

  constants(c, placed, tensors, kernels) {
    const weights = convWeights(placed, tensors);
    const packed = convPackings[kernels].pack(weights, placed);
    const loops = loopsText(placed, kernels);
    emitDescriptor(c, placed, tensors, kernels, weights, packed, loops);
  },

  calls: (placed, at, kernels) => [
    scratchText(placed, kernels, at.scratchBytes),
    `oto_conv_run(&${placed.layer.id}, ${at.inputs[0]}, ${at.output}, ${at.scratch});`,
  ],

  remark: windowRemark,
  over: overInput,
  front: frontOf,
} satisfies Operator<ConvLayer>;

/** A tap outside the map meets the zero point, which is 0 once it is subtracted. */
function sumOf(layer: ConvLayer, input: ActivationMap, weight: Int8Array): Sum {
  const channels = input.shape[2];
  const taps = layer.kernel[0] * layer.kernel[1];
  return (position, n) => {
    let acc = 0;
    const inside = (base: number, tap: number): void => {
      const from = (n * taps + tap) * channels;
      for (let c = 0; c < channels; c++) {
        acc += at(weight, from + c) * (at(input.data, base + c) - input.zeroPoint);
      }
    };
    forTaps(layer, input, position, inside, () => {});
    return acc;
  };
}
