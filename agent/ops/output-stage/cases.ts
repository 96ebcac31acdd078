import type { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { ACCUMULATOR_LIMIT as LIMIT } from '../bounds.ts';
import type { CaseContext, Numbers } from '../cases.ts';
import type { AnyLayer, Placed } from '../operator.ts';
import type { bitsOutput, Int8Output, int16Output, Output } from './schema.ts';
import { outputShift } from './tensors.ts';

type RandomOutput = Int8Output | z.infer<typeof int16Output> | z.infer<typeof bitsOutput>;
type WithOutput = AnyLayer & { readonly output: Output };

/** One of some output stages. */
export function randomOutput(
  { random, int8 }: CaseContext,
  types: readonly RandomOutput['type'][],
): RandomOutput {
  const type = types[random.int(0, types.length - 1)] ?? 'int8';
  if (type === 'bits') return { type };
  if (type === 'int8') return int8(random.chance(0.5));
  return { type, min: random.pick([0, -32768]), shift: random.int(0, 4), scale: 1 / 4096 };
}

/** How large sums get, and how large they usually are. */
export interface Sums {
  readonly reach: number;
  readonly typical: number;
}

/** Numbers of any output stage but the residual one. */
export function randomStage(
  { layer, output }: Placed<WithOutput>,
  random: Random,
  channels: number,
  sums: Sums,
): Numbers {
  // Wide enough that most values stay in range and some saturate.
  const target = output.type === 'int16' ? 12000 : 70;
  return randomNumbers(random, channels, sums, outputShift(layer.output), target);
}

/**
 * A bias, a threshold and a multiplier of each channel, which lay sums over values of up to some times `target`; now and
 * then over nothing or everything. All three are drawn, whatever the layer has of them.
 */
export function randomNumbers(
  random: Random,
  channels: number,
  { reach, typical }: Sums,
  shift: number,
  target: number,
): Numbers {
  const room = Math.max(0, LIMIT - reach * 2 ** shift);
  const spread = Math.min(room, Math.ceil(typical * 2 ** shift));
  const most = Math.ceil(typical);
  const each = (of: () => number): Int32Array => Int32Array.from({ length: channels }, of);
  const bias = each(() =>
    random.chance(0.05) ? random.pick([-room, room]) : random.int(-spread, spread),
  );
  const threshold = each(() =>
    random.chance(0.05) ? random.pick([-(2 ** 31), LIMIT, 0]) : random.int(-most, most),
  );
  const unit = (target / (typical * 2 ** shift)) * 2 ** 32;
  return { bias, threshold, multiplier: randomMultipliers(random, channels, unit) };
}

/** Multipliers around `unit`, now and then none or the largest. */
export function randomMultipliers(random: Random, channels: number, unit: number): Int32Array {
  const most = Math.min(2 ** 30, unit);
  return Int32Array.from({ length: channels }, () =>
    random.chance(0.04)
      ? random.pick([0, 1, LIMIT])
      : Math.min(LIMIT, Math.round((most * random.int(20, 300)) / 100)),
  );
}

/** int8 weights of `channels` sums over int8 or int16 inputs, which stay within 32 bits. */
export function randomWeights(
  placed: Placed,
  count: number,
  channels: number,
  random: Random,
): Int8Array {
  const taps = count / channels;
  // int16 inputs leave room for weights of 65,000 in all and no shift (SPEC.md, "Bounds").
  const budget =
    placed.inputs[0].type === 'int16' ? Math.floor(65000 / headroom(placed) / taps) : 127;
  const most = Math.min(127, Math.max(0, budget));
  const style = random.int(0, 5);
  return Int8Array.from({ length: count }, () => {
    if (style === 0) return random.chance(0.5) ? most : -most;
    if (style === 1 && random.chance(0.7)) return 0;
    if (style === 2 && most === 127) return random.chance(0.1) ? -128 : 127;
    return random.int(-most, most);
  });
}

/** 2^shift of a layer's output stage, times room for its bias. */
function headroom({ layer }: Placed<AnyLayer & { readonly output?: Output }>): number {
  return 2 ** (layer.output === undefined ? 0 : outputShift(layer.output)) * 1.1;
}

/** The largest sum of a channel's |weights|. */
export function heaviest(weight: Int8Array, channels: number): number {
  const taps = weight.length / channels;
  let most = 1;
  for (let n = 0; n < channels; n++) {
    const row = weight.subarray(n * taps, (n + 1) * taps);
    most = Math.max(
      most,
      row.reduce((sum, w) => sum + Math.abs(w), 0),
    );
  }
  return most;
}

/** Sums of those weights over the layer's input. */
export function sumsOf({ inputs: [{ type }] }: Placed, weight: Int8Array, channels: number): Sums {
  const wide = type === 'int16';
  return {
    reach: heaviest(weight, channels) * (wide ? 32768 : 255),
    typical: 40 * Math.sqrt(weight.length / channels) * (wide ? 6000 : 60),
  };
}
