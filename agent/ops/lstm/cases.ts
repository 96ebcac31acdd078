import { ACCUMULATOR_LIMIT } from '../bounds.ts';
import { MOST_MACS, type OperatorCases } from '../cases.ts';
import { heaviest, randomMultipliers, randomWeights } from '../output-stage/cases.ts';
import type { LstmLayer } from './layer.ts';
import { gateTables } from './reference.ts';

export const cases: OperatorCases<LstmLayer> = {
  reads: ['int8'],

  /** The rarest sizes are those around words. */
  layer({ random, from, id, map }) {
    const [time, width, channels] = map.shape;
    const units = random.pick([1, 2, 3, 5, 8, 13, 16, 17, 31]);
    const macs = time * 4 * units * (width * channels + units);
    return {
      kind: 'lstm',
      id: id('lstm'),
      from,
      units: macs <= MOST_MACS ? units : 1,
      shift: random.int(0, 6),
    };
  },

  /** Gates that are sometimes open, sometimes shut, now and then anything that the bounds allow. */
  tensors(placed, random) {
    const { units, shift } = placed.layer;
    const rows = 4 * units;
    const [, width, channels] = placed.inputs[0].shape;
    const inputs = width * channels;
    const weight = randomWeights(placed, rows * inputs, rows, random);
    // States of one and rows of 31 weights stay far within 32 bits.
    const recurrent = randomWeights(placed, rows * units, rows, random);
    const room = Math.max(0, ACCUMULATOR_LIMIT - heaviest(weight, rows) * 255 * 2 ** shift);
    const spread = Math.min(room, Math.ceil(2000 * Math.sqrt(inputs) * 2 ** shift));
    const bias = Int32Array.from({ length: rows }, () =>
      random.chance(0.05) ? random.pick([-room, room]) : random.int(-spread, spread),
    );
    const multipliers = (typical: number): Int32Array =>
      randomMultipliers(random, rows, (6000 / typical) * 2 ** 32);
    const multiplier = multipliers(2400 * Math.sqrt(inputs) * 2 ** shift);
    const recurrentMultiplier = multipliers(640_000 * Math.sqrt(units));
    const { sigmoid, tanh } = gateTables();
    const wild = random.chance(0.1);
    const table = (values: Int16Array): Int16Array =>
      wild ? values.map(() => random.int(-32768, 32767)) : values;
    const tables = { sigmoid: table(sigmoid), tanh: table(tanh) };
    return { weight, bias, multiplier, recurrent, recurrentMultiplier, ...tables };
  },
};
