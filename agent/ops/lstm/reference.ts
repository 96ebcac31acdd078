import { at, clamp, mulHigh, requantize } from '../arithmetic.ts';

/** Entries of a gate's table: -8 to 8 in steps of 1/16. */
export const GATE_TABLE = 257;
/** Steps of one in the sums that gates are taken of (Q12), and in the cells (Q11). */
export const SUM_ONE = 4096;
/** Real value of one step of the int8 output. */
export const STATE_SCALE = 1 / 128;

/** Tensors of an lstm layer; rows are gate by gate in the order i, f, g, o. */
export interface LstmNumbers {
  /** [4][units][inputs] */
  readonly weight: Int8Array;
  /** [4][units], added to the shifted sum over the inputs. */
  readonly bias: Int32Array;
  readonly multiplier: Int32Array;
  /** [4][units][units] */
  readonly recurrent: Int8Array;
  readonly recurrentMultiplier: Int32Array;
  /** Q15, [257] */
  readonly sigmoid: Int16Array;
  readonly tanh: Int16Array;
}

export interface LstmShape {
  readonly time: number;
  readonly inputs: number;
  readonly units: number;
  readonly zeroPoint: number;
  readonly shift: number;
}

/** The logistic function and the hyperbolic tangent in Q15 at -8, -8 + 1/16 ... 8. */
export function gateTables(): Pick<LstmNumbers, 'sigmoid' | 'tanh'> {
  const table = (of: (x: number) => number): Int16Array =>
    Int16Array.from({ length: GATE_TABLE }, (_, i) =>
      clamp(Math.round(32768 * of(i / 16 - 8)), -32768, 32767),
    );
  return { sigmoid: table((x) => 1 / (1 + Math.exp(-x))), tanh: table(Math.tanh) };
}

/** An LSTM over int8 rows (firmware/SPEC.md, "lstm"): the last state, int8 [units]. */
export function runLstm(
  shape: LstmShape,
  numbers: LstmNumbers,
  input: ArrayLike<number>,
): Int32Array<ArrayBuffer> {
  const { time, units } = shape;
  const cell = new Int32Array(units);
  const state = new Int32Array(units);
  for (let t = 0; t < time; t++) {
    const sums = gateSums(shape, numbers, input, t, state);
    const gate = (table: Int16Array, k: number, u: number): number =>
      lookUp(table, at(sums, k * units + u));
    for (let u = 0; u < units; u++) {
      const i = gate(numbers.sigmoid, 0, u);
      const f = gate(numbers.sigmoid, 1, u);
      const g = gate(numbers.tanh, 2, u);
      const o = gate(numbers.sigmoid, 3, u);
      const c = toInt16((f * at(cell, u) + ((i * g + 8) >> 4) + 16384) >> 15);
      cell[u] = c;
      state[u] = toInt16((o * lookUp(numbers.tanh, toInt16(2 * c)) + 16384) >> 15);
    }
  }
  return state.map((h) => clamp((h + 128) >> 8, -128, 127));
}

/** Q12 sums of all gates at time `t`. */
function gateSums(
  { inputs, units, zeroPoint, shift }: LstmShape,
  numbers: LstmNumbers,
  input: ArrayLike<number>,
  t: number,
  state: Int32Array,
): Int32Array {
  return Int32Array.from({ length: 4 * units }, (_, n) => {
    let acc = 0;
    for (let k = 0; k < inputs; k++) {
      acc += at(numbers.weight, n * inputs + k) * (at(input, t * inputs + k) - zeroPoint);
    }
    let back = 0;
    for (let k = 0; k < units; k++) back += at(numbers.recurrent, n * units + k) * at(state, k);
    const fresh = requantize(acc, shift, at(numbers.bias, n), at(numbers.multiplier, n));
    return toInt16(fresh + mulHigh(back, at(numbers.recurrentMultiplier, n)));
  });
}

/** A table's value at a Q12 position, linear between entries. */
function lookUp(table: Int16Array, position: number): number {
  const from = position + 32768;
  const left = at(table, from >> 8);
  const right = at(table, (from >> 8) + 1);
  return left + (((right - left) * (from & 255) + 128) >> 8);
}

const toInt16 = (v: number): number => clamp(v, -32768, 32767);
