import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { checkValues } from '../../model/check.ts';
import { type Tensor, tensor } from '../tensors.ts';
import { gateTables, runLstm, STATE_SCALE, SUM_ONE } from './reference.ts';

const TIME = 40;
const INPUTS = 6;
const UNITS = 5;
const ROWS = 4 * UNITS;
const SHIFT = 4;
/** Real values of one step of the weights and of the input. */
const SCALE = { weight: 1 / 100, recurrent: 1 / 90, input: 1 / 32 } as const;

const random = new Random(3);
const int8 = (length: number): Int8Array => Int8Array.from({ length }, () => random.int(-127, 127));
const weight = int8(ROWS * INPUTS);
const recurrent = int8(ROWS * UNITS);
const bias = Float64Array.from({ length: ROWS }, () => random.int(-100, 100) / 100);
const input = int8(TIME * INPUTS);

/** The same by the definition, in floating point. */
function floatLstm(): readonly number[] {
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  let h: readonly number[] = new Array<number>(UNITS).fill(0);
  let c: readonly number[] = h;
  const times = (w: Int8Array, row: number, x: ArrayLike<number>): number =>
    Array.from(x).reduce((sum, v, k) => sum + v * (w[row * x.length + k] ?? 0), 0);
  for (let t = 0; t < TIME; t++) {
    const x = input.subarray(t * INPUTS, (t + 1) * INPUTS);
    const sums = Array.from(bias, (b, n) => {
      const fresh = times(weight, n, x) * SCALE.weight * SCALE.input;
      return b + fresh + times(recurrent, n, h) * SCALE.recurrent;
    });
    const gate = (k: number, u: number): number => sums[k * UNITS + u] ?? 0;
    c = c.map((v, u) => sigmoid(gate(1, u)) * v + sigmoid(gate(0, u)) * Math.tanh(gate(2, u)));
    h = c.map((v, u) => sigmoid(gate(3, u)) * Math.tanh(v));
  }
  return h;
}

describe('integer LSTM', () => {
  it('ends within two steps of floating point after forty rows', () => {
    const unit = SCALE.weight * SCALE.input;
    const out = runLstm(
      { time: TIME, inputs: INPUTS, units: UNITS, zeroPoint: 0, shift: SHIFT },
      {
        weight,
        bias: Int32Array.from(bias, (b) => Math.round((b / unit) * 2 ** SHIFT)),
        multiplier: new Int32Array(ROWS).fill(Math.round(unit * SUM_ONE * 2 ** (32 - SHIFT))),
        recurrent,
        recurrentMultiplier: new Int32Array(ROWS).fill(
          Math.round((SCALE.recurrent / 32768) * SUM_ONE * 2 ** 32),
        ),
        ...gateTables(),
      },
      input,
    );
    const exact = floatLstm();
    expect(Math.max(...exact.map(Math.abs))).toBeGreaterThan(0.3);
    exact.forEach((h, u) => {
      expect(Math.abs((out[u] ?? 0) * STATE_SCALE - h), `unit ${u}`).toBeLessThan(2 * STATE_SCALE);
    });
  });

  it('is refused where sums over the state could pass 32 bits', () => {
    const fault = (units: number): string | undefined => {
      const tensors = new Map<string, Tensor>([
        ['a.weight', tensor(new Int8Array(4 * units), [4 * units, 1])],
        ['a.bias', tensor(new Int32Array(4 * units), [4 * units])],
        ['a.multiplier', tensor(new Int32Array(4 * units), [4 * units])],
        ['a.recurrentMultiplier', tensor(new Int32Array(4 * units), [4 * units])],
        ['a.recurrent', tensor(new Int8Array(4 * units * units).fill(127), [4 * units, units])],
      ]);
      const layer = { kind: 'lstm', id: 'a', from: 'input', units, shift: 0 } as const;
      const map = { type: 'int8', zeroPoint: 0 } as const;
      const placed = {
        layer,
        inputs: [{ ...map, shape: [1, 1, 1] }] as const,
        output: { ...map, shape: [1, 1, units] as const },
        tensors: [],
      };
      return checkValues([placed], tensors)?.why;
    };
    expect(fault(516)).toBeUndefined();
    expect(fault(517)).toMatch(/can overflow/);
  });
});
