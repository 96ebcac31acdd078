import { clamp, mulHigh, requantize } from './arithmetic.ts';
import { type LstmNumbers, runLstm } from './lstm.ts';
import { logMelInt8 } from './mel.ts';
import { type Model, tensorOf } from './model.ts';
import {
  type AverageLayer,
  type ConvLayer,
  type ConvOutput,
  type DenseLayer,
  type LogMelLayer,
  type LstmLayer,
  WINDOW,
  type XnorConvLayer,
} from './plan.ts';
import { convGeometry, type MapInfo, type PlacedLayer, signBytes } from './shapes.ts';

/** Activations of one layer: [height][width][channel]; signs as 0 and 1. */
export interface ActivationMap extends MapInfo {
  readonly data: Int32Array;
}

/** Everything one window gives: each layer's map by id, and the integer scores. */
export interface ReferenceRun {
  readonly maps: ReadonlyMap<string, ActivationMap>;
  readonly scores: Int32Array;
}

/**
 * Runs a model on one window of int16 samples: the executable form of firmware/SPEC.md, written to be read,
 * not to be fast. Every other implementation must give the same integers.
 */
export function runReference(model: Model, samples: Int16Array): ReferenceRun {
  const [h, w, c] = model.metadata.input;
  if (samples.length !== h * w * c) {
    throw new Error(
      `a window of ${model.metadata.name} has ${h * w * c} samples, not ${samples.length}`,
    );
  }
  const window = { shape: model.metadata.input, type: 'int16', zeroPoint: 0 } as const;
  const maps = new Map<string, ActivationMap>([
    [WINDOW, { ...window, data: Int32Array.from(samples) }],
  ]);
  let scores = new Int32Array();
  for (const placed of model.layers) {
    const data = runLayer(model, placed, maps);
    maps.set(placed.layer.id, { ...placed.output, data });
    if (placed.output.type === 'scores') scores = data;
  }
  return { maps, scores };
}

type Maps = ReadonlyMap<string, ActivationMap>;

function mapOf(maps: Maps, id: string): ActivationMap {
  const map = maps.get(id);
  if (map === undefined) throw new Error(`no map ${id}`);
  return map;
}

function runLayer(model: Model, placed: PlacedLayer, maps: Maps): Int32Array<ArrayBuffer> {
  const { layer } = placed;
  const input = mapOf(maps, layer.from);
  switch (layer.kind) {
    case 'conv':
      return outputStage(model, placed, convAccumulate(model, layer, input), maps);
    case 'xnorConv':
      return outputStage(model, placed, xnorAccumulate(model, layer, input), maps);
    case 'sign': {
      const threshold = tensorOf(model, layer.id, 'threshold', Int32Array);
      return input.data.map((x, i) => (x >= at(threshold, i % threshold.length) ? 1 : 0));
    }
    case 'channelsToHeight': {
      const [, width, channels] = input.shape;
      const out = new Int32Array(width * channels);
      for (let i = 0; i < out.length; i++) {
        out[i] = at(input.data, (i % width) * channels + Math.floor(i / width));
      }
      return out;
    }
    case 'logMel':
      return logMel(model, layer, input);
    case 'lstm':
      return lstm(model, layer, input);
    case 'average':
      return average(layer, input);
    case 'dense':
      return dense(model, layer, input);
  }
}

/** Accumulators before the output stage: [height][width][channel] of the unpooled map. */
interface Accumulators {
  readonly height: number;
  readonly width: number;
  readonly data: Int32Array;
}

/** Calls `tap(input index of channel 0, kernel position)` for each kernel position within the input. */
function forTaps(
  layer: ConvLayer | XnorConvLayer,
  input: ActivationMap,
  y: number,
  x: number,
  tap: (base: number, k: number) => void,
  outside: (k: number) => void,
): void {
  const [h, w, c] = input.shape;
  const { padTop, padLeft } = convGeometry(input.shape, layer);
  for (let ky = 0; ky < layer.kernel[0]; ky++) {
    for (let kx = 0; kx < layer.kernel[1]; kx++) {
      const iy = y * layer.stride[0] + ky - padTop;
      const ix = x * layer.stride[1] + kx - padLeft;
      const k = ky * layer.kernel[1] + kx;
      if (iy < 0 || iy >= h || ix < 0 || ix >= w) outside(k);
      else tap((iy * w + ix) * c, k);
    }
  }
}

function convAccumulate(model: Model, layer: ConvLayer, input: ActivationMap): Accumulators {
  const weight = tensorOf(model, layer.id, 'weight', Int8Array);
  const channels = input.shape[2];
  const taps = layer.kernel[0] * layer.kernel[1];
  return accumulate(layer, input, (y, x, n) => {
    let acc = 0;
    // A tap outside the map meets the zero point, which is 0 once it is subtracted.
    forTaps(
      layer,
      input,
      y,
      x,
      (base, k) => {
        const from = (n * taps + k) * channels;
        for (let c = 0; c < channels; c++) {
          acc += at(weight, from + c) * (at(input.data, base + c) - input.zeroPoint);
        }
      },
      () => {},
    );
    return acc;
  });
}

function xnorAccumulate(model: Model, layer: XnorConvLayer, input: ActivationMap): Accumulators {
  const weight = tensorOf(model, layer.id, 'weight', Uint8Array);
  const channels = input.shape[2];
  const bytes = signBytes(channels);
  const taps = layer.kernel[0] * layer.kernel[1];
  return accumulate(layer, input, (y, x, n) => {
    let acc = 0;
    const add = (k: number, signOf: (c: number) => number): void => {
      const from = (n * taps + k) * bytes;
      for (let c = 0; c < channels; c++) {
        acc += (((at(weight, from + (c >> 3)) >> (c & 7)) & 1) * 2 - 1) * signOf(c);
      }
    };
    forTaps(
      layer,
      input,
      y,
      x,
      (base, k) => add(k, (c) => at(input.data, base + c) * 2 - 1),
      (k) => add(k, () => layer.padValue),
    );
    return acc;
  });
}

function accumulate(
  layer: ConvLayer | XnorConvLayer,
  input: ActivationMap,
  value: (y: number, x: number, channel: number) => number,
): Accumulators {
  const { height, width } = convGeometry(input.shape, layer);
  const data = new Int32Array(height * width * layer.channels);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let n = 0; n < layer.channels; n++) data[i++] = value(y, x, n);
    }
  }
  return { height, width, data };
}

/** Output stage and max pool; every stage is monotone, so the order of the two does not matter. */
function outputStage(
  model: Model,
  placed: PlacedLayer,
  acc: Accumulators,
  maps: Maps,
): Int32Array<ArrayBuffer> {
  const { layer, output } = placed;
  if (layer.kind !== 'conv' && layer.kind !== 'xnorConv') throw new Error('not a convolution');
  const stage = stageOf(model, layer.id, layer.output, acc.width, maps);
  const [height, width, channels] = output.shape;
  const [poolH, poolW] = layer.pool;
  const out = new Int32Array(height * width * channels);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let n = 0; n < channels; n++) {
        let best = Number.NEGATIVE_INFINITY;
        for (let p = 0; p < poolH * poolW; p++) {
          const py = y * poolH + Math.floor(p / poolW);
          const px = x * poolW + (p % poolW);
          const a = at(acc.data, (py * acc.width + px) * channels + n);
          best = Math.max(best, stage(a, py, px, n));
        }
        out[i++] = best;
      }
    }
  }
  return out;
}

type Stage = (acc: number, y: number, x: number, channel: number) => number;

function stageOf(model: Model, id: string, output: ConvOutput, width: number, maps: Maps): Stage {
  switch (output.type) {
    case 'bits': {
      const threshold = tensorOf(model, id, 'threshold', Int32Array);
      return (acc, _y, _x, n) => (acc >= at(threshold, n) ? 1 : 0);
    }
    case 'int8':
    case 'int16': {
      const bias = tensorOf(model, id, 'bias', Int32Array);
      const multiplier = tensorOf(model, id, 'multiplier', Int32Array);
      const zero = output.type === 'int8' ? output.zeroPoint : 0;
      const max = output.type === 'int8' ? output.max : 32767;
      return (acc, _y, _x, n) =>
        clamp(
          zero + requantize(acc, output.shift, at(bias, n), at(multiplier, n)),
          output.min,
          max,
        );
    }
    case 'residual': {
      const bias = tensorOf(model, id, 'bias', Int32Array);
      const multiplier = tensorOf(model, id, 'multiplier', Int16Array);
      const slope = tensorOf(model, id, 'slope', Int16Array);
      const stream = mapOf(maps, output.shortcut);
      const channels = stream.shape[2];
      return (acc, y, x, n) => {
        const shortcut = at(stream.data, (y * width + x) * channels + (n % channels));
        const sum = shortcut + ((acc * at(multiplier, n) + at(bias, n)) >> output.shift);
        const u = clamp(sum, -32768, 32767);
        return u >= 0 ? u : (u * at(slope, n)) >> 15;
      };
    }
  }
}

function logMel(model: Model, layer: LogMelLayer, input: ActivationMap): Int32Array<ArrayBuffer> {
  const { frame, hop, bands } = layer;
  const numbers = (name: string): Int16Array => tensorOf(model, layer.id, name, Int16Array);
  const [window, twiddle] = [numbers('window'), numbers('twiddle')];
  const [edge, weight] = [numbers('edge'), numbers('weight')];
  const spectrogram = logMelInt8({ frame, hop, bands, window, twiddle, edge, weight }, layer);
  return spectrogram(input.data);
}

function lstm(model: Model, layer: LstmLayer, input: ActivationMap): Int32Array<ArrayBuffer> {
  const { id, units, shift } = layer;
  const [time, width, channels] = input.shape;
  const wide = (name: string): Int32Array => tensorOf(model, id, name, Int32Array);
  const numbers: LstmNumbers = {
    weight: tensorOf(model, id, 'weight', Int8Array),
    bias: wide('bias'),
    multiplier: wide('multiplier'),
    recurrent: tensorOf(model, id, 'recurrent', Int8Array),
    recurrentMultiplier: wide('recurrentMultiplier'),
    sigmoid: tensorOf(model, id, 'sigmoid', Int16Array),
    tanh: tensorOf(model, id, 'tanh', Int16Array),
  };
  const { zeroPoint } = input;
  const shape = { time, inputs: width * channels, units, zeroPoint, shift };
  return runLstm(shape, numbers, input.data);
}

function average(layer: AverageLayer, input: ActivationMap): Int32Array<ArrayBuffer> {
  const [h, w, channels] = input.shape;
  const { zeroPoint, min, max, shift } = layer.output;
  const out = new Int32Array(channels);
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = 0; i < h * w; i++) sum += at(input.data, i * channels + c) - input.zeroPoint;
    out[c] = clamp(zeroPoint + mulHigh(sum * 2 ** shift, layer.multiplier), min, max);
  }
  return out;
}

function dense(model: Model, layer: DenseLayer, input: ActivationMap): Int32Array<ArrayBuffer> {
  const weight = tensorOf(model, layer.id, 'weight', Int8Array);
  const bias = tensorOf(model, layer.id, 'bias', Int32Array);
  const { output } = layer;
  const inputs = input.data.length;
  const out = new Int32Array(layer.units);
  for (let n = 0; n < layer.units; n++) {
    let acc = 0;
    for (let k = 0; k < inputs; k++) {
      acc += at(weight, n * inputs + k) * (at(input.data, k) - input.zeroPoint);
    }
    if (output.type === 'scores') {
      out[n] = acc + at(bias, n);
    } else {
      const multiplier = at(tensorOf(model, layer.id, 'multiplier', Int32Array), n);
      const y = output.zeroPoint + requantize(acc, output.shift, at(bias, n), multiplier);
      out[n] = clamp(y, output.min, output.max);
    }
  }
  return out;
}

/** An element that the plan's checks have shown to exist. */
function at(data: { readonly [i: number]: number; readonly length: number }, i: number): number {
  const value = data[i];
  if (value === undefined) throw new Error(`index ${i} of ${data.length}`);
  return value;
}
