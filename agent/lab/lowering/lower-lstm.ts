import { type Tensor, tensor } from '../../model/tensors.ts';
import type { LstmNode } from '../../nets/graph.ts';
import type { LstmLayer } from '../../ops/lstm/layer.ts';
import { gateTables, SUM_ONE } from '../../ops/lstm/reference.ts';
import { outputsFirst } from './fold.ts';
import { requantStage } from './requantize.ts';

/** A recurrent layer as trained (agent/lab/train/lstm.ts says in which layout), and the int8 map it reads. */
export interface RealLstm {
  readonly node: LstmNode;
  /** Values of a row. */
  readonly inputs: number;
  readonly weight: Float32Array;
  readonly recurrent: Float32Array;
  readonly bias: Float32Array;
  readonly source: { readonly id: string; readonly scale: number };
  /** Mean input of each channel, to correct the mean error of rounded weights by. */
  readonly means: Float64Array | undefined;
}

/** Steps between the zero point of an int8 map and its other end. */
const INT8_REACH = 255;
const STATE_ONE = 32768;
/** A bias of this many units of its sum still leaves room for a shift. */
const MOST_UNITS = 2 ** 20;

/** Integers of a recurrent layer: weights rounded per row, factors from the sums' units to Q12. */
export function lstmLayer(real: RealLstm): {
  readonly layer: LstmLayer;
  readonly tensors: ReadonlyMap<string, Tensor>;
} {
  const { node, inputs, source, means } = real;
  const { id, units } = node;
  const rows = 4 * units;
  const weight = outputsFirst(real.weight, inputs, rows);
  // A row that pruning has emptied still has a bias, which needs units to be counted in.
  const least = (n: number): number => Math.abs(real.bias[n] ?? 0) / MOST_UNITS / source.scale;
  const fresh = quantizeRows(weight, rows, least);
  const back = quantizeRows(outputsFirst(real.recurrent, units, rows), rows, () => 0);
  const unit = fresh.scales.map((s) => s * source.scale);
  const bias = Float64Array.from(real.bias);
  const reach = new Float64Array(rows);
  fresh.quantized.forEach((q, i) => {
    const n = Math.floor(i / inputs);
    reach[n] = (reach[n] ?? 0) + Math.abs(q) * INT8_REACH;
    const error = (weight[i] ?? 0) - q * (fresh.scales[n] ?? 0);
    // Channels are innermost in a row.
    bias[n] = (bias[n] ?? 0) + error * (means?.[(i % inputs) % means.length] ?? 0);
  });
  const stage = requantStage(
    unit.map((u) => u * SUM_ONE),
    bias.map((b, n) => b / (unit[n] ?? 1)),
    reach,
  );
  const { sigmoid, tanh } = gateTables();
  return {
    layer: { kind: 'lstm', id, from: source.id, units, shift: stage.shift },
    tensors: new Map([
      [`${id}.weight`, tensor(fresh.quantized, [rows, inputs])],
      [`${id}.bias`, tensor(stage.bias, [rows])],
      [`${id}.multiplier`, tensor(stage.multiplier, [rows])],
      [`${id}.recurrent`, tensor(back.quantized, [rows, units])],
      [`${id}.recurrentMultiplier`, tensor(stateMultipliers(back.scales), [rows])],
      [`${id}.sigmoid`, tensor(sigmoid, [sigmoid.length])],
      [`${id}.tanh`, tensor(tanh, [tanh.length])],
    ]),
  };
}

/** Sums over a Q15 state -> Q12, times 2^32. */
function stateMultipliers(scales: Float64Array): Int32Array {
  return Int32Array.from(scales, (s) =>
    Math.min(2 ** 31 - 1, Math.round((s / STATE_ONE) * SUM_ONE * 2 ** 32)),
  );
}

/** int8 weights, symmetric, one scale per row: w = q * scale, no scale below `least`. */
function quantizeRows(weights: Float64Array, rows: number, least: (row: number) => number) {
  const per = weights.length / rows;
  const scales = Float64Array.from({ length: rows }, (_, n) => {
    const row = weights.subarray(n * per, (n + 1) * per);
    return row.reduce((most, w) => Math.max(most, Math.abs(w) / 127), Math.max(1e-9, least(n)));
  });
  const quantized = Int8Array.from(weights, (w, i) =>
    Math.round(w / (scales[Math.floor(i / per)] ?? 1)),
  );
  return { quantized, scales };
}
