import { at } from '../arithmetic.ts';
import { windowRemark } from '../convolution/emit.ts';
import { forTaps, pooled, type Sum } from '../convolution/reference.ts';
import { withoutUnmetTaps } from '../convolution/taps.ts';
import { convGeometry, macsOf, pooledShape } from '../convolution/window.ts';
import { type ActivationMap, type MapInfo, signBytes } from '../maps.ts';
import type { Fault, Operator } from '../operator.ts';
import { outputStage } from '../output-stage/reference.ts';
import { outputTensors } from '../output-stage/tensors.ts';
import { boundsFault } from './bounds.ts';
import { callsOf, emitConstants, overShortcut } from './emit.ts';
import { frontOf } from './front.ts';
import { schema, type XnorConvLayer } from './layer.ts';
import { xnorPackings } from './packings.ts';

export const xnorConv = {
  kind: 'xnorConv',
  schema,

  inputs({ from, output }) {
    const signs = { id: from, takes: ['bits'] } as const;
    return output.type === 'residual'
      ? [signs, { id: output.shortcut, takes: ['int16'] }]
      : [signs];
  },

  place(layer, [{ shape }, stream]) {
    const { output } = layer;
    if (stream !== undefined) {
      const fault = shortcutFault(layer, shape, stream);
      if (fault !== undefined) return fault;
    }
    const zeroPoint = output.type === 'int8' ? output.zeroPoint : 0;
    const type = output.type === 'residual' ? 'int16' : output.type;
    return { shape: pooledShape(shape, layer), type, zeroPoint };
  },

  tensors: ({ channels, kernel, output }, [{ shape }]) => [
    { name: 'weight', dtype: 'U8', shape: [channels, ...kernel, signBytes(shape[2])] },
    ...outputTensors(output, channels),
  ],

  check: boundsFault,

  run({ layer, output }, [input, shortcut], tensors) {
    const sum = sumOf(layer, input, tensors.uint8('weight'));
    return pooled(layer, input, output, sum, outputStage(layer.output, tensors, shortcut));
  },

  cost({ layer, inputs: [{ shape }] }) {
    const macs = macsOf(shape, layer);
    return { macs, binaryMacs: macs };
  },

  simplify: (placed, tensors) => withoutUnmetTaps(placed, tensors.uint8('weight')),

  scratch: (placed, kernels) => xnorPackings[kernels].scratch(placed),
  constants: emitConstants,
  calls: callsOf,
  remark: windowRemark,
  over: overShortcut,
  front: frontOf,
} satisfies Operator<XnorConvLayer>;

function shortcutFault(
  layer: XnorConvLayer,
  input: MapInfo['shape'],
  stream: MapInfo,
): Fault | undefined {
  const { height, width } = convGeometry(input, layer);
  const [h, w] = stream.shape;
  if (h === height && w === width) return undefined;
  return { fault: `adds a shortcut of ${h}x${w} to a map of ${height}x${width}` };
}

/** Signs multiply to +1 where they agree; a tap outside the map counts for its weight's sign times `padValue`. */
function sumOf(layer: XnorConvLayer, input: ActivationMap, weight: Uint8Array): Sum {
  const channels = input.shape[2];
  const bytes = signBytes(channels);
  const taps = layer.kernel[0] * layer.kernel[1];
  return (position, n) => {
    let acc = 0;
    const add = (tap: number, signOf: (c: number) => number): void => {
      const from = (n * taps + tap) * bytes;
      for (let c = 0; c < channels; c++) {
        acc += (((at(weight, from + (c >> 3)) >> (c & 7)) & 1) * 2 - 1) * signOf(c);
      }
    };
    forTaps(
      layer,
      input,
      position,
      (base, tap) => add(tap, (c) => at(input.data, base + c) * 2 - 1),
      (tap) => add(tap, () => layer.padValue),
    );
    return acc;
  };
}
