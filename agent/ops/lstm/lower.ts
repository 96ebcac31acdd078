import type { Lowering, RandomLowering } from '../lowering.ts';
import { MAP_STEPS, requantization } from '../output-stage/requantize.ts';
import { outputsFirst, type QuantizedRows, quantizeRows } from '../weights.ts';
import type { LstmLayer } from './layer.ts';
import type { LstmNode } from './node.ts';
import { gateTables, STATE_SCALE, SUM_ONE } from './reference.ts';

const STATE_ONE = 32768;
/** A bias of this many units of its sum still leaves room for a shift. */
const MOST_UNITS = 2 ** 20;
/** No scale of weights is below this. */
const LEAST_SCALE = 1e-9;

/** Weights rounded per row, and factors from the sums' units to Q12. */
export function lower({ id, units }: LstmNode, to: Lowering): void {
  const [, width, channels] = to.input;
  const inputs = width * channels;
  const rows = 4 * units;
  const weights = outputsFirst(to.values('weight'), inputs, rows);
  const biases = to.values('bias');
  // A row that pruning has emptied still has a bias, which needs units to be counted in.
  const fresh = quantizeRows(weights, rows, (n) =>
    Math.max(LEAST_SCALE, Math.abs(biases[n] ?? 0) / MOST_UNITS / to.source.scale),
  );
  const recurrent = outputsFirst(to.values('recurrent'), units, rows);
  const back = quantizeRows(recurrent, rows, () => LEAST_SCALE);
  const { shift, bias, multiplier } = inputSums(fresh, weights, biases, to);
  to.tensor(`${id}.weight`, fresh.quantized, [rows, inputs]);
  to.tensor(`${id}.bias`, bias, [rows]);
  to.tensor(`${id}.multiplier`, multiplier, [rows]);
  to.tensor(`${id}.recurrent`, back.quantized, [rows, units]);
  to.tensor(`${id}.recurrentMultiplier`, stateMultipliers(back.scales), [rows]);
  writeTables(id, to);
  to.layer<LstmLayer>({ kind: 'lstm', id, from: to.source.id, units, shift });
  to.gives({ type: 'int8', scale: STATE_SCALE, zeroPoint: 0 });
}

/** From sums over the inputs to Q12, biases corrected by the mean error of the rounded weights. */
function inputSums(
  { quantized, scales }: QuantizedRows,
  weights: Float64Array,
  biases: Float32Array,
  { source, inputMeans: means }: Lowering,
) {
  const inputs = weights.length / scales.length;
  const unit = scales.map((s) => s * source.scale);
  const bias = Float64Array.from(biases);
  const reach = new Float64Array(scales.length);
  quantized.forEach((q, i) => {
    const n = Math.floor(i / inputs);
    reach[n] = (reach[n] ?? 0) + Math.abs(q) * MAP_STEPS;
    const error = (weights[i] ?? 0) - q * (scales[n] ?? 0);
    // Channels are innermost in a row.
    bias[n] = (bias[n] ?? 0) + error * (means?.[(i % inputs) % means.length] ?? 0);
  });
  return requantization(
    unit.map((u) => u * SUM_ONE),
    bias.map((b, n) => b / (unit[n] ?? 1)),
    reach,
  );
}

/** Sums over a Q15 state -> Q12, times 2^32. */
function stateMultipliers(scales: Float64Array): Int32Array {
  return Int32Array.from(scales, (s) =>
    Math.min(2 ** 31 - 1, Math.round((s / STATE_ONE) * SUM_ONE * 2 ** 32)),
  );
}

function writeTables(id: string, to: Pick<Lowering, 'tensor'>): void {
  const { sigmoid, tanh } = gateTables();
  to.tensor(`${id}.sigmoid`, sigmoid, [sigmoid.length]);
  to.tensor(`${id}.tanh`, tanh, [tanh.length]);
}

/** Standard deviations of random inputs, states and weights; only their order of magnitude matters. */
const SPREAD = { input: 60, state: 8000, weight: 73 } as const;
const RANDOM_SHIFT = 4;

/** Random weights whose gates are half open and whose cells move. */
export function lowerRandom({ id, units }: LstmNode, to: RandomLowering): void {
  const [, width, channels] = to.input;
  const inputs = width * channels;
  const rows = 4 * units;
  const { random } = to;
  const weights = (name: string, columns: number): void => {
    const values = Int8Array.from({ length: rows * columns }, () => random.int(-127, 127));
    to.tensor(`${id}.${name}`, values, [rows, columns]);
  };
  const ints = (name: string, of: () => number): void =>
    to.tensor(`${id}.${name}`, Int32Array.from({ length: rows }, of), [rows]);
  const multipliers = (name: string, spread: number): void =>
    ints(name, () => Math.round((((SUM_ONE / spread) * random.int(50, 150)) / 100) * 2 ** 32));
  const fresh = SPREAD.input * SPREAD.weight * Math.sqrt(inputs) * 2 ** RANDOM_SHIFT;
  weights('weight', inputs);
  ints('bias', () => random.int(-Math.ceil(fresh), Math.ceil(fresh)));
  multipliers('multiplier', fresh);
  weights('recurrent', units);
  multipliers('recurrentMultiplier', SPREAD.state * SPREAD.weight * Math.sqrt(units));
  writeTables(id, to);
  to.layer<LstmLayer>({ kind: 'lstm', id, from: to.source.id, units, shift: RANDOM_SHIFT }, 'int8');
}
