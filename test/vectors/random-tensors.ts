import type { Random } from '../../agent/model/random.ts';
import type { PlacedLayer } from '../../agent/model/shapes.ts';
import { elementsOf, type Tensor, type TensorSpec, tensor } from '../../agent/model/tensors.ts';
import { melTables } from '../../agent/ops/log-mel/tables.ts';
import type { LstmLayer } from '../../agent/ops/lstm/layer.ts';
import { gateTables } from '../../agent/ops/lstm/reference.ts';

const LIMIT = 2 ** 31 - 1;

/** Random numbers for a layer's tensors: up to the bounds of SPEC.md, where accumulators saturate their outputs. */
export function fillTensors(placed: PlacedLayer, random: Random, into: Map<string, Tensor>): void {
  const named = (name: string): TensorSpec | undefined =>
    placed.tensors.find((t) => t.name.endsWith(`.${name}`));
  const put = (name: string, data: Tensor['data']): void => {
    const spec = named(name);
    if (spec !== undefined) into.set(spec.name, tensor(data, spec.shape));
  };
  if (placed.layer.kind === 'logMel') {
    const { frame, hop, bands } = placed.layer;
    const tables = melTables({ sampleRate: 20000, frame, hop, bands });
    for (const name of ['window', 'twiddle', 'edge', 'weight'] as const) put(name, tables[name]);
    return;
  }
  if (placed.layer.kind === 'lstm') {
    fillLstm(placed, placed.layer, random, put);
    return;
  }
  const weight = named('weight');
  const channels = (named('bias') ?? named('threshold'))?.shape[0] ?? 0;
  let reach = 4000;
  let typical = 2000;
  if (weight?.dtype === 'I8') {
    const data = realWeights(placed, elementsOf(weight.shape), channels, random);
    put('weight', data);
    const step = placed.inputs[0].type === 'int16' ? 32768 : 255;
    reach = heaviest(data, channels) * step;
    typical =
      40 * Math.sqrt(data.length / channels) * (placed.inputs[0].type === 'int16' ? 6000 : 60);
  } else if (weight !== undefined) {
    put('weight', signs(weight, placed.inputs[0].shape[2], random));
    const taps =
      (elementsOf(weight.shape) / channels / (weight.shape[3] ?? 1)) * placed.inputs[0].shape[2];
    reach = taps;
    typical = Math.sqrt(taps);
  }
  if (named('slope') !== undefined) fillResidual(placed, random, reach, put, channels);
  else fillScaled(placed, random, { reach, typical }, put, channels);
}

/** Gates that are sometimes open, sometimes shut, now and then anything that the bounds allow. */
function fillLstm(placed: PlacedLayer, layer: LstmLayer, random: Random, put: Put): void {
  const { units, shift } = layer;
  const rows = 4 * units;
  const inputs = placed.inputs[0].shape[1] * placed.inputs[0].shape[2];
  const weight = realWeights(placed, rows * inputs, rows, random);
  // States of one and rows of 31 weights stay far within 32 bits.
  const recurrent = realWeights(placed, rows * units, rows, random);
  const room = Math.max(0, LIMIT - heaviest(weight, rows) * 255 * 2 ** shift);
  const spread = Math.min(room, Math.ceil(2000 * Math.sqrt(inputs) * 2 ** shift));
  const multipliers = (typical: number): Int32Array => {
    const unit = Math.min(2 ** 30, (6000 / typical) * 2 ** 32);
    return Int32Array.from({ length: rows }, () =>
      random.chance(0.04)
        ? random.pick([0, 1, LIMIT])
        : Math.min(LIMIT, Math.round((unit * random.int(20, 300)) / 100)),
    );
  };
  put('weight', weight);
  put(
    'bias',
    Int32Array.from({ length: rows }, () =>
      random.chance(0.05) ? random.pick([-room, room]) : random.int(-spread, spread),
    ),
  );
  put('multiplier', multipliers(2400 * Math.sqrt(inputs) * 2 ** shift));
  put('recurrent', recurrent);
  put('recurrentMultiplier', multipliers(640_000 * Math.sqrt(units)));
  const tables = gateTables();
  const wild = random.chance(0.1);
  for (const name of ['sigmoid', 'tanh'] as const) {
    put(name, wild ? tables[name].map(() => random.int(-32768, 32767)) : tables[name]);
  }
}

type Put = (name: string, data: Tensor['data']) => void;

function realWeights(
  placed: PlacedLayer,
  count: number,
  channels: number,
  random: Random,
): Int8Array {
  const taps = count / channels;
  // int16 inputs leave room for weights of 65,000 in all and no shift (SPEC.md, "Bounds").
  const budget =
    placed.inputs[0].type === 'int16' ? Math.floor(65000 / shiftOf(placed) / taps) : 127;
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
function shiftOf({ layer }: PlacedLayer): number {
  const shift = 'output' in layer && 'shift' in layer.output ? layer.output.shift : 0;
  return 2 ** shift * 1.1;
}

function heaviest(weight: Int8Array, channels: number): number {
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

function signs(spec: TensorSpec, inChannels: number, random: Random): Uint8Array {
  const bytes = spec.shape[3] ?? 1;
  const used = inChannels % 8 === 0 ? 0xff : (1 << (inChannels % 8)) - 1;
  const uniform = random.chance(0.1) ? random.pick([0, 0xff]) : undefined;
  return Uint8Array.from({ length: elementsOf(spec.shape) }, (_, i) => {
    const byte = uniform ?? random.int(0, 255);
    return i % bytes === bytes - 1 ? byte & used : byte;
  });
}

/** Bias, multiplier and threshold of every stage but the residual one. */
function fillScaled(
  placed: PlacedLayer,
  random: Random,
  { reach, typical }: { readonly reach: number; readonly typical: number },
  put: Put,
  channels: number,
): void {
  const { layer } = placed;
  const shift = 'output' in layer && 'shift' in layer.output ? layer.output.shift : 0;
  const room = Math.max(0, LIMIT - reach * 2 ** shift);
  const spread = Math.min(room, Math.ceil(typical * 2 ** shift));
  put(
    'bias',
    Int32Array.from({ length: channels }, () =>
      random.chance(0.05) ? random.pick([-room, room]) : random.int(-spread, spread),
    ),
  );
  put(
    'threshold',
    Int32Array.from({ length: channels }, () =>
      random.chance(0.05)
        ? random.pick([-(2 ** 31), LIMIT, 0])
        : random.int(-Math.ceil(typical), Math.ceil(typical)),
    ),
  );
  // Wide enough that most values stay in range and some saturate; now and then nothing or everything.
  const target = placed.output.type === 'int16' ? 12000 : 70;
  const unit = Math.min(2 ** 30, (target / (typical * 2 ** shift)) * 2 ** 32);
  put(
    'multiplier',
    Int32Array.from({ length: channels }, () =>
      random.chance(0.04)
        ? random.pick([0, 1, LIMIT])
        : Math.min(LIMIT, Math.round((unit * random.int(20, 300)) / 100)),
    ),
  );
}

function fillResidual(
  placed: PlacedLayer,
  random: Random,
  taps: number,
  put: Put,
  channels: number,
): void {
  const { layer } = placed;
  const shift = 'output' in layer && 'shift' in layer.output ? layer.output.shift : 0;
  const multiplier = Int16Array.from({ length: channels }, () =>
    random.chance(0.1)
      ? random.pick([0, 32767])
      : random.int(0, Math.min(32767, (40 * 2 ** shift) | 63)),
  );
  // 2^15 are left for the shortcut (SPEC.md, "Bounds").
  const bias = Int32Array.from(multiplier, (m) => {
    const room = Math.max(0, LIMIT - 32768 - taps * m);
    return random.chance(0.1)
      ? random.pick([-room, room])
      : random.int(-Math.min(room, 3000 * 2 ** shift), Math.min(room, 3000 * 2 ** shift));
  });
  put('multiplier', multiplier);
  put('bias', bias);
  put(
    'slope',
    Int16Array.from({ length: channels }, () =>
      random.pick([0, 32767, 8192, random.int(0, 32767)]),
    ),
  );
}
