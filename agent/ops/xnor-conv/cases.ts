import type { Random } from '../../base/random.ts';
import { ACCUMULATOR_LIMIT } from '../bounds.ts';
import {
  type CaseContext,
  CHANNELS,
  MOST_MACS,
  type Numbers,
  type OperatorCases,
} from '../cases.ts';
import { randomWindow } from '../convolution/cases.ts';
import { type MapInfo, signBytes } from '../maps.ts';
import { randomOutput, randomStage } from '../output-stage/cases.ts';
import type { XnorConvLayer } from './layer.ts';

/** A binary convolution with one of some types of output. */
export function randomXnor(
  context: CaseContext,
  types: readonly ('int8' | 'int16' | 'bits')[],
): XnorConvLayer {
  const window = randomWindow(context.random, context.map.shape);
  const output = randomOutput(context, types);
  const padValue = context.random.pick([0, 0, 1, -1] as const);
  return {
    kind: 'xnorConv',
    id: context.id('xnor'),
    from: context.from,
    ...window,
    padValue,
    output,
  };
}

/** One that adds the stream whose signs it reads: identity, repeated or cut channels; often a pool. */
export function randomResidual(
  { random, from, id }: CaseContext,
  stream: { readonly id: string; readonly map: MapInfo },
): XnorConvLayer {
  const [h, w, c] = stream.map.shape;
  const kernel: [number, number] = random.pick([
    [3, 3],
    [1, 1],
    [3, 3],
    [1, 3],
    [5, 5],
  ]);
  const limit = Math.max(1, Math.floor(MOST_MACS / (h * w * c * kernel[0] * kernel[1])));
  const channels = Math.min(random.pick([c, c, 2 * c, random.pick(CHANNELS)]), limit, 4096);
  const pool: [number, number] = [random.int(1, Math.min(2, h)), random.int(1, Math.min(3, w))];
  const output = {
    type: 'residual',
    shortcut: stream.id,
    shift: random.int(0, 12),
    scale: 1 / 4096,
  } as const;
  const padValue = random.pick([0, 0, 1, -1] as const);
  const stride: [number, number] = [1, 1];
  const window = { kernel, stride, padding: 'same' as const, pool, channels };
  return { kind: 'xnorConv', id: id('xnor'), from, ...window, padValue, output };
}

export const cases: OperatorCases<XnorConvLayer> = {
  reads: ['bits'],
  layer(context) {
    if (context.stream !== undefined && context.random.chance(0.5)) {
      return randomResidual(context, context.stream);
    }
    return randomXnor(context, ['int8', 'int16', 'bits']);
  },
  tensors(placed, random) {
    const { channels, kernel, output } = placed.layer;
    const inChannels = placed.inputs[0].shape[2];
    const count = channels * kernel[0] * kernel[1];
    const weight = randomSigns(count, inChannels, random);
    const taps = kernel[0] * kernel[1] * inChannels;
    if (output.type === 'residual') {
      return { weight, ...residualStage(output.shift, taps, channels, random) };
    }
    const sums = { reach: taps, typical: Math.sqrt(taps) };
    return { weight, ...randomStage(placed, random, channels, sums) };
  },
};

/** Signs of `count` taps; bits beyond the last channel are 0. */
function randomSigns(count: number, inChannels: number, random: Random): Uint8Array {
  const bytes = signBytes(inChannels);
  const used = inChannels % 8 === 0 ? 0xff : (1 << (inChannels % 8)) - 1;
  const uniform = random.chance(0.1) ? random.pick([0, 0xff]) : undefined;
  return Uint8Array.from({ length: count * bytes }, (_, i) => {
    const byte = uniform ?? random.int(0, 255);
    return i % bytes === bytes - 1 ? byte & used : byte;
  });
}

function residualStage(shift: number, taps: number, channels: number, random: Random): Numbers {
  const multiplier = Int16Array.from({ length: channels }, () =>
    random.chance(0.1)
      ? random.pick([0, 32767])
      : random.int(0, Math.min(32767, (40 * 2 ** shift) | 63)),
  );
  // 2^15 are left for the shortcut (SPEC.md, "Bounds").
  const bias = Int32Array.from(multiplier, (m) => {
    const room = Math.max(0, ACCUMULATOR_LIMIT - 32768 - taps * m);
    const usual = Math.min(room, 3000 * 2 ** shift);
    return random.chance(0.1) ? random.pick([-room, room]) : random.int(-usual, usual);
  });
  const slope = Int16Array.from({ length: channels }, () =>
    random.pick([0, 32767, 8192, random.int(0, 32767)]),
  );
  return { multiplier, bias, slope };
}
