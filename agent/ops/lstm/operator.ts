import { holds } from '../../c/c-text.ts';
import { accumulatorFault, multiplierFault } from '../bounds.ts';
import { reachOf } from '../maps.ts';
import type { Operator } from '../operator.ts';
import { type LstmLayer, schema } from './layer.ts';
import { GATE_TABLE, runLstm } from './reference.ts';

/** Bytes of scratch memory of one unit (OTO_LSTM_SCRATCH): four sums, a cell and a state in 16 bits each. */
const UNIT_SCRATCH = 12;

export const lstm = {
  kind: 'lstm',
  schema,
  inputs: ({ from }) => [{ id: from, takes: ['int8'] }],
  place: ({ units }) => ({ shape: [1, 1, units], type: 'int8', zeroPoint: 0 }),

  tensors({ units }, [{ shape }]) {
    const rows = 4 * units;
    return [
      { name: 'weight', dtype: 'I8', shape: [rows, shape[1] * shape[2]] },
      { name: 'bias', dtype: 'I32', shape: [rows] },
      { name: 'multiplier', dtype: 'I32', shape: [rows] },
      { name: 'recurrent', dtype: 'I8', shape: [rows, units] },
      { name: 'recurrentMultiplier', dtype: 'I32', shape: [rows] },
      { name: 'sigmoid', dtype: 'I16', shape: [GATE_TABLE] },
      { name: 'tanh', dtype: 'I16', shape: [GATE_TABLE] },
    ];
  },

  check({ layer: { units, shift }, inputs: [input] }, tensors) {
    const rows = 4 * units;
    const [weight, bias] = [tensors.int8('weight'), tensors.int32('bias')];
    return (
      multiplierFault(tensors.int32('multiplier')) ??
      multiplierFault(tensors.int32('recurrentMultiplier')) ??
      accumulatorFault(weight, bias, rows, reachOf(input), shift) ??
      accumulatorFault(tensors.int8('recurrent'), undefined, rows, 32768, 0)
    );
  },

  run({ layer: { units, shift } }, [input], tensors) {
    const [time, width, channels] = input.shape;
    const { zeroPoint } = input;
    const numbers = {
      weight: tensors.int8('weight'),
      bias: tensors.int32('bias'),
      multiplier: tensors.int32('multiplier'),
      recurrent: tensors.int8('recurrent'),
      recurrentMultiplier: tensors.int32('recurrentMultiplier'),
      sigmoid: tensors.int16('sigmoid'),
      tanh: tensors.int16('tanh'),
    };
    const shape = { time, inputs: width * channels, units, zeroPoint, shift };
    return runLstm(shape, numbers, input.data);
  },

  cost({ layer: { units }, inputs: [{ shape }] }) {
    const [time, width, channels] = shape;
    return { macs: time * 4 * units * (width * channels + units), binaryMacs: 0 };
  },

  scratch: ({ layer }) => layer.units * UNIT_SCRATCH,

  constants(c, { layer: { id, units, shift }, inputs: [input] }, tensors) {
    const [time, width, channels] = input.shape;
    c.array(`${id}_weight`, { type: 'int8_t', values: tensors.int8('weight') });
    c.array(`${id}_bias`, { type: 'int32_t', values: tensors.int32('bias') });
    c.array(`${id}_multiplier`, { type: 'int32_t', values: tensors.int32('multiplier') });
    c.array(`${id}_recurrent`, { type: 'int8_t', values: tensors.int8('recurrent') });
    const back = tensors.int32('recurrentMultiplier');
    c.array(`${id}_recurrent_multiplier`, { type: 'int32_t', values: back });
    c.array(`${id}_sigmoid`, { type: 'int16_t', values: tensors.int16('sigmoid') });
    c.array(`${id}_tanh`, { type: 'int16_t', values: tensors.int16('tanh') });
    c.put(
      `static const oto_lstm ${id} = {`,
      `    .time = ${time}, .inputs = ${width * channels}, .units = ${units}, .in_zero = ${input.zeroPoint}, .shift = ${shift},`,
      ...ARRAYS.map((name) => `    .${name} = ${id}_${name},`),
      '};',
    );
  },

  calls: ({ layer: { id, units } }, at) => [
    holds(`OTO_LSTM_SCRATCH(${units})`, at.scratchBytes, 'scratch'),
    `oto_lstm_run(&${id}, (const int8_t *)(${at.inputs[0]}), (int8_t *)(${at.output}), ${at.scratch});`,
  ],
} satisfies Operator<LstmLayer>;

/** Pointers of an oto_lstm. */
const ARRAYS = [
  ...['weight', 'bias', 'multiplier', 'recurrent', 'recurrent_multiplier'],
  ...['sigmoid', 'tanh'],
];
