import type { LstmNode } from '../nets/graph.ts';
import type { LstmLayer } from '../ops/lstm/layer.ts';
import { gateTables, SUM_ONE } from '../ops/lstm/reference.ts';
import type { Random } from './random.ts';
import { type Tensor, tensor } from './tensors.ts';

/** Standard deviations of random inputs, states and weights; only their order of magnitude matters. */
const SPREAD = { input: 60, state: 8000, weight: 73 } as const;
const SHIFT = 4;

/** A recurrent layer with random weights, whose gates are half open and whose cells move. */
export function randomLstm(
  { id, units }: LstmNode,
  from: string,
  inputs: number,
  random: Random,
): { readonly layer: LstmLayer; readonly tensors: ReadonlyMap<string, Tensor> } {
  const rows = 4 * units;
  const weights = (columns: number): Tensor =>
    tensor(
      Int8Array.from({ length: rows * columns }, () => random.int(-127, 127)),
      [rows, columns],
    );
  const ints = (of: () => number): Tensor => tensor(Int32Array.from({ length: rows }, of), [rows]);
  const multipliers = (spread: number): Tensor =>
    ints(() => Math.round((((SUM_ONE / spread) * random.int(50, 150)) / 100) * 2 ** 32));
  const fresh = SPREAD.input * SPREAD.weight * Math.sqrt(inputs) * 2 ** SHIFT;
  const { sigmoid, tanh } = gateTables();
  return {
    layer: { kind: 'lstm', id, from, units, shift: SHIFT },
    tensors: new Map([
      [`${id}.weight`, weights(inputs)],
      [`${id}.bias`, ints(() => random.int(-Math.ceil(fresh), Math.ceil(fresh)))],
      [`${id}.multiplier`, multipliers(fresh)],
      [`${id}.recurrent`, weights(units)],
      [`${id}.recurrentMultiplier`, multipliers(SPREAD.state * SPREAD.weight * Math.sqrt(units))],
      [`${id}.sigmoid`, tensor(sigmoid, [sigmoid.length])],
      [`${id}.tanh`, tensor(tanh, [tanh.length])],
    ]),
  };
}
