import {
  type ConvNode,
  INPUT,
  type LogMelNode,
  type Net,
  type Node,
  type Shape,
  shapesOf,
} from '../nets/graph.ts';
import type { LogMelLayer } from '../ops/log-mel/layer.ts';
import { melTables } from '../ops/log-mel/tables.ts';
import type { Layer } from '../ops/registry.ts';
import type { XnorConvLayer } from '../ops/xnor-conv/layer.ts';
import { signBytes } from './maps.ts';
import { buildModel, type Model } from './model.ts';
import { Random } from './random.ts';
import { randomLstm } from './random-lstm.ts';
import { type Tensor, tensor } from './tensors.ts';

/**
 * Deploys an architecture with random weights: for measuring what a network costs, never for what it recognises; its
 * metadata says so. Multipliers and thresholds are chosen so that activations spread over their range.
 */
export function deployRandom(net: Net, seed: number, network: string): Model {
  const draft = new Draft(net, seed);
  for (const node of net.nodes) draft.add(node);
  const labels = Array.from({ length: net.classes }, (_, i) => `class_${i}`);
  return buildModel(
    {
      format: 'otolith-model',
      version: 1,
      name: net.name,
      labels,
      sampleRate: net.sampleRate,
      input: [net.input[0], net.input[1], net.input[2]],
      layers: draft.layers,
      provenance: { weights: 'random', network, seed },
    },
    draft.tensors,
  );
}

/** Standard deviations that random maps have, roughly; only their order of magnitude matters. */
const SPREAD = { int16: 8000, int8: 60, uniformWeight: 73 } as const;
/** Real size of one int8 step; random models have no true scale. */
const SCALE = 1 / 32;

class Draft {
  readonly layers: Layer[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly #random: Random;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #net: Net;
  /** Deployed id and type of each node's output. */
  readonly #outputs = new Map<string, { readonly id: string; readonly type: string }>([
    [INPUT, { id: INPUT, type: 'int16' }],
  ]);

  constructor(net: Net, seed: number) {
    this.#net = net;
    this.#random = new Random(seed);
    this.#shapes = shapesOf(net);
  }

  add(node: Node): void {
    const from = this.#outputs.get(node.from)?.id ?? INPUT;
    switch (node.kind) {
      case 'conv':
        this.#conv(node, from);
        return;
      case 'channelsToHeight':
        this.#push(node, { kind: 'channelsToHeight', id: node.id, from }, this.#typeOf(node.from));
        return;
      case 'dropout':
        this.#outputs.set(node.id, { id: from, type: this.#typeOf(node.from) });
        return;
      case 'average': {
        const [h, w] = this.#shape(node.from);
        // A mean is at most one step per step: shift 2 keeps the multiplier below 2^31 even for one position.
        const multiplier = Math.round(2 ** 30 / (h * w));
        const output = {
          type: 'int8',
          zeroPoint: -128,
          min: -128,
          max: 127,
          shift: 2,
          scale: SCALE,
        } as const;
        this.#push(node, { kind: 'average', id: node.id, from, multiplier, output }, 'int8');
        return;
      }
      case 'dense': {
        const [h, w, c] = this.#shape(node.from);
        this.#weights(`${node.id}.weight`, [node.units, h * w * c]);
        this.#ints(`${node.id}.bias`, node.units, 2000);
        const last = this.#net.nodes.at(-1) === node;
        if (!last)
          this.#multipliers(
            node.id,
            node.units,
            SPREAD.int8 * SPREAD.uniformWeight * Math.sqrt(h * w * c),
          );
        const output = last
          ? ({ type: 'scores', scale: 1 / 4096 } as const)
          : ({
              type: 'int8',
              zeroPoint: -128,
              min: -128,
              max: 127,
              shift: 0,
              scale: SCALE,
            } as const);
        this.#push(
          node,
          { kind: 'dense', id: node.id, from, units: node.units, output },
          output.type,
        );
        return;
      }
      case 'logMel':
        this.#logMel(node, from);
        return;
      case 'lstm': {
        const [, width, channels] = this.#shape(node.from);
        const { layer, tensors } = randomLstm(node, from, width * channels, this.#random);
        for (const [name, values] of tensors) this.tensors.set(name, values);
        this.#push(node, layer, 'int8');
        return;
      }
    }
  }

  #logMel(node: LogMelNode, from: string): void {
    const { id, frame, hop, bands } = node;
    const tables = melTables({ sampleRate: this.#net.sampleRate, frame, hop, bands });
    this.tensors.set(`${id}.window`, tensor(tables.window, [frame]));
    this.tensors.set(`${id}.twiddle`, tensor(tables.twiddle, [frame / 4 + 1, 2]));
    this.tensors.set(`${id}.edge`, tensor(tables.edge, [bands + 2]));
    this.tensors.set(`${id}.weight`, tensor(tables.weight, [frame / 2 + 1]));
    // Energies of audible sound lie between 2^16 and 2^48: 32 octaves over 256 steps.
    const range = { offset: 8192, multiplier: 2048, zeroPoint: -128, scale: SCALE } as const;
    const sizes = { frame: frame as LogMelLayer['frame'], hop, bands };
    this.#push(node, { kind: 'logMel', id, from, ...sizes, ...range }, 'int8');
  }

  #shape(id: string): Shape {
    return this.#shapes.get(id) ?? [0, 0, 0];
  }

  #typeOf(id: string): string {
    return this.#outputs.get(id)?.type ?? '';
  }

  #push(node: Node, layer: Layer, type: string): void {
    this.layers.push(layer);
    this.#outputs.set(node.id, { id: layer.id, type });
  }

  /** How a node's output is stored: what its readers need. */
  #storage(node: Node): 'int8' | 'int16' | 'bits' {
    const reader = this.#net.nodes.find((n) => n.from === node.id);
    if (reader === undefined) return 'int8';
    if (reader.kind === 'channelsToHeight' || reader.kind === 'dropout')
      return this.#storage(reader);
    if (reader.kind !== 'conv') return 'int8';
    return ({ plain: 'int8', paper: 'bits', residual: 'int16' } as const)[reader.form];
  }

  #conv(node: ConvNode, from: string): void {
    const window = {
      channels: node.channels,
      kernel: [...node.kernel] as [number, number],
      stride: [...node.stride] as [number, number],
      pool: [...node.pool] as [number, number],
      padding: node.padding,
    };
    const inChannels = this.#shape(node.from)[2];
    const taps = node.kernel[0] * node.kernel[1] * inChannels;
    const storage = node.form === 'residual' ? 'residual' : this.#storage(node);
    if (node.form === 'plain') {
      this.#weights(`${node.id}.weight`, [node.channels, ...node.kernel, inChannels]);
      const reach = this.#typeOf(node.from) === 'int16' ? SPREAD.int16 : SPREAD.int8;
      const spread = reach * SPREAD.uniformWeight * Math.sqrt(taps);
      const output = this.#output(node, storage, spread, '');
      if (output.type === 'residual') throw new Error('a real convolution is not residual');
      this.#push(node, { kind: 'conv', id: node.id, from, ...window, output }, storage);
      return;
    }
    const signs = node.form === 'residual' ? this.#sign(node, from, inChannels) : from;
    this.#signs(node, inChannels);
    const output = this.#output(node, storage, Math.sqrt(taps), from);
    const type = output.type === 'residual' ? 'int16' : output.type;
    this.#push(
      node,
      { kind: 'xnorConv', id: node.id, from: signs, ...window, padValue: 0, output },
      type,
    );
  }

  #sign(node: ConvNode, from: string, channels: number): string {
    const id = `${node.id}_sign`;
    this.#ints(`${id}.threshold`, channels, 2000);
    this.layers.push({ kind: 'sign', id, from });
    return id;
  }

  #signs(node: ConvNode, inChannels: number): void {
    const bytes = signBytes(inChannels);
    const data = new Uint8Array(node.channels * node.kernel[0] * node.kernel[1] * bytes);
    const used = inChannels % 8 === 0 ? 0xff : (1 << (inChannels % 8)) - 1;
    for (let i = 0; i < data.length; i++) {
      data[i] = this.#random.int(0, 255) & (i % bytes === bytes - 1 ? used : 0xff);
    }
    this.tensors.set(`${node.id}.weight`, tensor(data, [node.channels, ...node.kernel, bytes]));
  }

  /** An output stage for accumulators of standard deviation `spread`. */
  #output(
    node: ConvNode,
    storage: 'int8' | 'int16' | 'bits' | 'residual',
    spread: number,
    shortcut: string,
  ): XnorConvLayer['output'] {
    const { id, channels } = node;
    if (storage === 'bits') {
      this.#ints(`${id}.threshold`, channels, Math.ceil(spread));
      return { type: 'bits' };
    }
    if (storage === 'residual') {
      const shift = 8;
      const unit = Math.max(1, Math.round((SPREAD.int16 / 4 / spread) * 2 ** shift));
      const multiplier = Int16Array.from({ length: channels }, () =>
        this.#random.int(1, Math.min(32767, 2 * unit)),
      );
      this.tensors.set(`${id}.multiplier`, tensor(multiplier, [channels]));
      this.#ints(`${id}.bias`, channels, 100_000);
      const slope = Int16Array.from({ length: channels }, () => this.#random.int(0, 16384));
      this.tensors.set(`${id}.slope`, tensor(slope, [channels]));
      return { type: 'residual', shortcut, shift, scale: SCALE / 256 };
    }
    const target = storage === 'int8' ? 2 * SPREAD.int8 : SPREAD.int16;
    // Binary accumulators are small: shifting them first keeps the multiplier below 2^31.
    const shift = node.form === 'plain' ? 0 : 12;
    this.#ints(`${id}.bias`, channels, Math.ceil(spread * 2 ** shift));
    this.#multipliers(id, channels, spread * 2 ** shift, target);
    if (storage === 'int16') return { type: 'int16', min: 0, shift, scale: SCALE / 256 };
    return { type: 'int8', zeroPoint: -128, min: -128, max: 127, shift, scale: SCALE };
  }

  #multipliers(id: string, channels: number, spread: number, target = 2 * SPREAD.int8): void {
    const unit = Math.min(2 ** 30, (target / spread) * 2 ** 32);
    const values = Int32Array.from({ length: channels }, () =>
      Math.min(0x7fffffff, Math.max(1, Math.round((unit * this.#random.int(50, 150)) / 100))),
    );
    this.tensors.set(`${id}.multiplier`, tensor(values, [channels]));
  }

  #weights(name: string, shape: readonly number[]): void {
    const count = shape.reduce((a, b) => a * b, 1);
    const data = Int8Array.from({ length: count }, () => this.#random.int(-127, 127));
    this.tensors.set(name, tensor(data, shape));
  }

  #ints(name: string, count: number, reach: number): void {
    const data = Int32Array.from({ length: count }, () => this.#random.int(-reach, reach));
    this.tensors.set(name, tensor(data, [count]));
  }
}
