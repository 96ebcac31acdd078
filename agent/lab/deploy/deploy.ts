import { STATE_SCALE } from '../../model/lstm.ts';
import { buildModel, type Model } from '../../model/model.ts';
import type { Layer, Metadata } from '../../model/plan.ts';
import { type Tensor, tensor } from '../../model/tensors.ts';
import {
  type AverageNode,
  type ConvNode,
  type DenseNode,
  INPUT,
  type LogMelNode,
  type LstmNode,
  type Net,
  type Node,
  type Shape,
  shapesOf,
} from '../../nets/graph.ts';
import type { Parameters } from '../train/parameters.ts';
import { lstmLayer } from './deploy-lstm.ts';
import { logMelLayer } from './deploy-mel.ts';
import { normOf, outputsFirst, packSigns, valuesOf } from './fold.ts';
import type { Observed } from './observe.ts';
import { quantizeConv } from './quantize-conv.ts';
import { type Calibration, rangeOf } from './ranges.ts';

import { clampInt, int8Output, requantStage, residualShift } from './requantize.ts';

export interface DeployOptions {
  readonly net: Net;
  readonly parameters: Parameters;
  readonly observed: ReadonlyMap<string, Observed>;
  readonly calibration: Calibration;
  /** Correct each bias by the mean error that rounding the weights makes (Nagel et al. 2019). */
  readonly biasCorrection: boolean;
  readonly metadata: Pick<Metadata, 'name' | 'labels' | 'provenance' | 'metrics'>;
}

/** How a map is stored once deployed, and how its integers become real values. */
interface Stored {
  /** Deployed layer that gives it. */
  readonly id: string;
  readonly type: 'int8' | 'int16' | 'bits' | 'scores';
  /** Real value of one step. */
  readonly scale: number;
  readonly zeroPoint: number;
  /** What is added to the stored stream's channel to get the real value: a shift that no layer needs to apply. */
  readonly offset: (channel: number) => number;
}

/** Steps of an int16 stream that the largest value seen takes; the rest is headroom. */
const STREAM_STEPS = 14000;
const STEPS = 255;
const none: Stored['offset'] = () => 0;

/**
 * Turns a trained float network into the integers of firmware/SPEC.md: batch norm folded, weights per channel,
 * activations by calibration, signs by integer thresholds.
 */
export function deploy(options: DeployOptions): Model {
  const draft = new Draft(options);
  for (const node of options.net.nodes) draft.add(node);
  const { net, metadata } = options;
  return buildModel(
    {
      format: 'otolith-model',
      version: 1,
      ...metadata,
      sampleRate: net.sampleRate,
      input: [net.input[0], net.input[1], net.input[2]],
      layers: draft.layers,
    },
    draft.tensors,
  );
}

class Draft {
  readonly layers: Layer[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly #options: DeployOptions;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #streamScale: number;
  readonly #stored = new Map<string, Stored>([
    [INPUT, { id: INPUT, type: 'int16', scale: 1 / 32768, zeroPoint: 0, offset: none }],
  ]);

  constructor(options: DeployOptions) {
    this.#options = options;
    this.#shapes = shapesOf(options.net);
    this.#streamScale = streamScale(options);
  }

  add(node: Node): void {
    switch (node.kind) {
      case 'conv':
        if (node.form === 'plain') this.#plain(node);
        else if (node.form === 'paper') this.#paper(node);
        else this.#residual(node);
        return;
      case 'channelsToHeight': {
        const from = this.#source(node);
        this.layers.push({ kind: 'channelsToHeight', id: node.id, from: from.id });
        this.#stored.set(node.id, { ...from, id: node.id });
        return;
      }
      case 'dropout':
        this.#stored.set(node.id, this.#source(node));
        return;
      case 'average':
        this.#average(node);
        return;
      case 'dense':
        this.#dense(node);
        return;
      case 'logMel':
        this.#logMel(node);
        return;
      case 'lstm':
        this.#lstm(node);
        return;
    }
  }

  #source(node: Node): Stored {
    const stored = this.#stored.get(node.from);
    if (stored === undefined) throw new Error(`node ${node.id} reads nothing`);
    return stored;
  }

  #values(id: string, name: string): Float32Array {
    return valuesOf(this.#options.parameters, `${id}.${name}`);
  }

  #shape(id: string): Shape {
    return this.#shapes.get(id) ?? [0, 0, 0];
  }

  #set(name: string, data: Tensor['data'], shape: readonly number[]): void {
    this.tensors.set(name, tensor(data, shape));
  }

  #observed(id: string): Observed {
    const found = this.#options.observed.get(id);
    if (found === undefined) throw new Error(`calibration did not see ${id}`);
    return found;
  }

  /** The convolution that reads a node's output, past what changes neither values nor type. */
  #reader(node: Node): Node | undefined {
    const reader = this.#options.net.nodes.find((n) => n.from === node.id);
    const passes = reader?.kind === 'channelsToHeight' || reader?.kind === 'dropout';
    return passes ? this.#reader(reader) : reader;
  }

  #plain(node: ConvNode): void {
    const source = this.#source(node);
    const inputs = this.#shape(node.from)[2];
    const { quantized, unit, bias, reach } = quantizeConv({
      node,
      inputs,
      weights: this.#values(node.id, 'weight'),
      norm: normOf(this.#options.parameters, node.id),
      source,
      means: this.#options.biasCorrection ? this.#inputMeans(node) : undefined,
    });
    this.#set(`${node.id}.weight`, quantized, [node.channels, ...node.kernel, inputs]);
    const layer = { ...this.#windowOf(node), kind: 'conv', id: node.id, from: source.id } as const;
    const reader = this.#reader(node);
    if (reader?.kind === 'conv' && reader.form === 'paper') {
      // ReLU(unit * acc + bias) >= t; below 0 every value passes.
      const level = this.#signLevel(reader);
      const thresholds = Int32Array.from({ length: node.channels }, (_, n) => {
        const t = level(n);
        return t <= 0 ? -(2 ** 31) : clampInt(Math.ceil((t - (bias[n] ?? 0)) / (unit[n] ?? 1)));
      });
      this.#set(`${node.id}.threshold`, thresholds, [node.channels]);
      this.layers.push({ ...layer, output: { type: 'bits' } });
      this.#store(node, { type: 'bits', scale: 1, zeroPoint: 0 });
      return;
    }
    const streams = reader?.kind === 'conv' && reader.form === 'residual';
    const step = streams ? this.#streamScale : this.#step(node.id);
    const shift = this.#requant(node.id, unit, bias, reach, step);
    if (streams) {
      this.layers.push({ ...layer, output: { type: 'int16', min: 0, shift, scale: step } });
      this.#store(node, { type: 'int16', scale: step, zeroPoint: 0 });
    } else {
      this.layers.push({ ...layer, output: int8Output(shift, step) });
      this.#store(node, { type: 'int8', scale: step, zeroPoint: -128 });
    }
  }

  /** Mean input of each channel, where it is known. */
  #inputMeans(node: Node): Float64Array | undefined {
    return this.#options.observed.get(node.from)?.means;
  }

  #step(id: string): number {
    return rangeOf(this.#observed(id), this.#options.calibration) / STEPS;
  }

  #store(node: Node, stored: Omit<Stored, 'id' | 'offset'>, offset = none): void {
    this.#stored.set(node.id, { ...stored, id: node.id, offset });
  }

  #windowOf(node: ConvNode) {
    const pair = (p: readonly [number, number]): [number, number] => [p[0], p[1]];
    return {
      channels: node.channels,
      kernel: pair(node.kernel),
      stride: pair(node.stride),
      pool: pair(node.pool),
      padding: node.padding,
    };
  }

  /** Writes bias and multiplier for outputs of `step`; gives the shift. */
  #requant(
    id: string,
    unit: Float64Array,
    bias: Float64Array,
    reach: Float64Array,
    step: number,
  ): number {
    const stage = requantStage(
      unit.map((u) => u / step),
      bias.map((b, n) => b / (unit[n] ?? 1)),
      reach,
    );
    this.#set(`${id}.bias`, stage.bias, [unit.length]);
    this.#set(`${id}.multiplier`, stage.multiplier, [unit.length]);
    return stage.shift;
  }

  /** Value from which a paper block's batch norm and sign give +1, by channel of its input (gamma is positive). */
  #signLevel(reader: ConvNode): (channel: number) => number {
    const { scale, offset } = normOf(this.#options.parameters, reader.id);
    // After the change of axes all values are in one channel.
    return (n) => -(offset[n % offset.length] ?? 0) / (scale[n % scale.length] ?? 1);
  }

  #paper(node: ConvNode): void {
    const source = this.#source(node);
    const inputs = this.#shape(node.from)[2];
    const weights = outputsFirst(this.#values(node.id, 'weight'), inputs, node.channels);
    const per = weights.length / node.channels;
    const alpha = Float64Array.from({ length: node.channels }, (_, n) => {
      let sum = 1e-12;
      for (let k = 0; k < per; k++) sum += Math.abs(weights[n * per + k] ?? 0);
      return sum / per;
    });
    const packed = packSigns(weights, inputs, () => false, node.channels);
    this.#set(`${node.id}.weight`, packed, this.#signShape(node, inputs));
    const from = source.type === 'bits' ? source.id : this.#signs(node, source);
    const layer = {
      ...this.#windowOf(node),
      kind: 'xnorConv',
      id: node.id,
      from,
      padValue: 0,
    } as const;
    const reader = this.#reader(node);
    if (reader?.kind === 'conv' && reader.form === 'paper') {
      const level = this.#signLevel(reader);
      const thresholds = Int32Array.from(alpha, (a, n) => {
        const t = level(n);
        return t <= 0 ? -(2 ** 31) : clampInt(Math.ceil(t / a));
      });
      this.#set(`${node.id}.threshold`, thresholds, [node.channels]);
      this.layers.push({ ...layer, output: { type: 'bits' } });
      this.#store(node, { type: 'bits', scale: 1, zeroPoint: 0 });
      return;
    }
    const step = this.#step(node.id);
    const reach = new Float64Array(node.channels).fill(per);
    const shift = this.#requant(node.id, alpha, new Float64Array(node.channels), reach, step);
    this.layers.push({ ...layer, output: int8Output(shift, step) });
    this.#store(node, { type: 'int8', scale: step, zeroPoint: -128 });
  }

  #signShape(node: ConvNode, inputs: number): readonly number[] {
    return [node.channels, ...node.kernel, Math.ceil(inputs / 8)];
  }

  /** A layer that takes signs of a stored map at a paper block's levels. */
  #signs(node: ConvNode, source: Stored): string {
    const level = this.#signLevel(node);
    const inputs = this.#shape(node.from)[2];
    return this.#signLayer(node, source, (c) => level(c), inputs);
  }

  #signLayer(
    node: ConvNode,
    source: Stored,
    level: (channel: number) => number,
    inputs: number,
  ): string {
    const id = `${node.id}_sign`;
    const thresholds = Int32Array.from({ length: inputs }, (_, c) =>
      clampInt(Math.ceil((level(c) - source.offset(c)) / source.scale) + source.zeroPoint),
    );
    this.#set(`${id}.threshold`, thresholds, [inputs]);
    this.layers.push({ kind: 'sign', id, from: source.id });
    return id;
  }

  #residual(node: ConvNode): void {
    const { id, channels } = node;
    const source = this.#source(node);
    const inputs = this.#shape(node.from)[2];
    const threshold = this.#values(id, 'threshold');
    const from = this.#signLayer(node, source, (c) => threshold[c] ?? 0, inputs);
    const { scale, offset } = normOf(this.#options.parameters, id);
    const weights = outputsFirst(this.#values(id, 'weight'), inputs, channels);
    // A negative factor is carried by the weights, so that multipliers stay positive.
    const packed = packSigns(weights, inputs, (n) => (scale[n] ?? 0) < 0, channels);
    this.#set(`${id}.weight`, packed, this.#signShape(node, inputs));
    const shiftIn = this.#values(id, 'shiftIn');
    const shiftOut = this.#values(id, 'shiftOut');
    const factor = scale.map((s) => Math.abs(s) / source.scale);
    const added = offset.map(
      (o, n) => (o - (shiftIn[n] ?? 0) + source.offset(n % inputs)) / source.scale,
    );
    const shift = residualShift(factor, added, weights.length / channels);
    const round = shift === 0 ? 0 : 2 ** (shift - 1);
    this.#set(
      `${id}.multiplier`,
      Int16Array.from(factor, (f) => Math.min(32767, Math.round(f * 2 ** shift))),
      [channels],
    );
    this.#set(
      `${id}.bias`,
      Int32Array.from(added, (a) => Math.round(a * 2 ** shift) + round),
      [channels],
    );
    const slope = this.#values(id, 'slope');
    this.#set(
      `${id}.slope`,
      Int16Array.from(slope, (s) => Math.min(32767, Math.round(s * 32768))),
      [channels],
    );
    this.layers.push({
      ...this.#windowOf(node),
      kind: 'xnorConv',
      id,
      from,
      padValue: 0,
      output: { type: 'residual', shortcut: source.id, shift, scale: source.scale },
    });
    const stored = { type: 'int16', scale: source.scale, zeroPoint: 0 } as const;
    this.#store(node, stored, (n) => shiftOut[n] ?? 0);
  }

  #average(node: AverageNode): void {
    const source = this.#source(node);
    const [h, w] = this.#shape(node.from);
    const step = this.#step(node.id);
    const factor = source.scale / (h * w) / step;
    // The largest shift for which neither the sum nor the multiplier overflows.
    let shift = 15;
    while (h * w * STEPS * 2 ** shift >= 2 ** 31) shift--;
    const multiplier = Math.min(0x7fffffff, Math.round(factor * 2 ** (32 - shift)));
    this.layers.push({
      kind: 'average',
      id: node.id,
      from: source.id,
      multiplier,
      output: int8Output(shift, step),
    });
    this.#store(node, { type: 'int8', scale: step, zeroPoint: -128 });
  }

  #logMel(node: LogMelNode): void {
    const { sampleRate } = this.#options.net;
    const { layer, tensors } = logMelLayer(node, this.#source(node).id, sampleRate);
    for (const [name, values] of tensors) this.tensors.set(name, values);
    this.layers.push(layer);
    this.#store(node, { type: 'int8', scale: layer.scale, zeroPoint: layer.zeroPoint });
  }

  #lstm(node: LstmNode): void {
    const [, width, channels] = this.#shape(node.from);
    const { layer, tensors } = lstmLayer({
      node,
      inputs: width * channels,
      weight: this.#values(node.id, 'weight'),
      recurrent: this.#values(node.id, 'recurrent'),
      bias: this.#values(node.id, 'bias'),
      source: this.#source(node),
      means: this.#options.biasCorrection ? this.#inputMeans(node) : undefined,
    });
    for (const [name, values] of tensors) this.tensors.set(name, values);
    this.layers.push(layer);
    this.#store(node, { type: 'int8', scale: STATE_SCALE, zeroPoint: 0 });
  }

  #dense(node: DenseNode): void {
    const source = this.#source(node);
    const [h, w, c] = this.#shape(node.from);
    const inputs = h * w * c;
    const weights = outputsFirst(this.#values(node.id, 'weight'), inputs, node.units);
    // One scale for all outputs: scores of different classes are compared.
    const max = weights.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-9);
    const scale = max / 127;
    const quantized = Int8Array.from(weights, (x) => Math.round(x / scale));
    const means = this.#options.biasCorrection ? this.#inputMeans(node) : undefined;
    const unit = scale * source.scale;
    const bias = Int32Array.from(this.#values(node.id, 'bias'), (b, n) => {
      let corrected = b;
      for (let k = 0; k < inputs && means !== undefined; k++) {
        const error = (weights[n * inputs + k] ?? 0) - (quantized[n * inputs + k] ?? 0) * scale;
        corrected += error * (means[k % c] ?? 0);
      }
      return Math.round(corrected / unit);
    });
    this.#set(`${node.id}.weight`, quantized, [node.units, inputs]);
    this.#set(`${node.id}.bias`, bias, [node.units]);
    this.layers.push({
      kind: 'dense',
      id: node.id,
      from: source.id,
      units: node.units,
      output: { type: 'scores', scale: unit },
    });
    this.#store(node, { type: 'scores', scale: unit, zeroPoint: 0 });
  }
}

/** One scale for all residual streams, so that shortcuts are plain additions. */
function streamScale({ net, observed }: DeployOptions): number {
  let largest = 1e-6;
  const streams = new Set(
    net.nodes.flatMap((n) => (n.kind === 'conv' && n.form === 'residual' ? [n.id, n.from] : [])),
  );
  for (const id of streams) {
    const seen = observed.get(id);
    if (seen !== undefined) largest = Math.max(largest, seen.max, -seen.min);
  }
  return largest / STREAM_STEPS;
}
