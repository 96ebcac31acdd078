import type { Random } from '../../agent/base/random.ts';
import { buildModel, type Model } from '../../agent/model/model.ts';
import type { Metadata } from '../../agent/model/plan.ts';
import { type PlacedLayer, placeLayers } from '../../agent/model/shapes.ts';
import type { CaseContext } from '../../agent/ops/cases.ts';
import { type MapInfo, WINDOW } from '../../agent/ops/maps.ts';
import type { Int8Output } from '../../agent/ops/output-stage/schema.ts';
import type { Layer } from '../../agent/ops/registry.ts';
import { type Tensor, tensor } from '../../agent/ops/tensors.ts';
import { casesOf } from './operator-cases.ts';

type Size = [number, number, number];

/** A network that grows layer by layer, for one that is made at random. */
export class Builder {
  readonly random: Random;
  readonly #name: string;
  /** Which zero point the first int8 map has. */
  readonly #turn: number;
  readonly #layers: Layer[] = [];
  readonly #input: Size;
  readonly #classes: number;

  constructor(random: Random, name: string, turn: number, input: Size) {
    this.random = random;
    this.#name = name;
    this.#turn = turn;
    this.#input = input;
    this.#classes = random.int(1, 12);
  }

  get classes(): number {
    return this.#classes;
  }

  /** The id that the next layer reads. */
  get from(): string {
    return this.#layers.at(-1)?.id ?? WINDOW;
  }

  /** The map that it reads. */
  get map(): MapInfo {
    return this.#placed().at(-1)?.output ?? { shape: this.#input, type: 'int16', zeroPoint: 0 };
  }

  /** Where the next layer is to be put; `stream`: the map whose signs it reads. */
  context(stream?: CaseContext['stream']): CaseContext {
    const { from, map } = this;
    return {
      ...{ random: this.random, from, map, stream },
      id: (name) => this.#id(name),
      int8: (relu) => this.#int8(relu),
      beside: () => this.#beside(from, map),
    };
  }

  add(layer: Layer): void {
    this.#layers.push(layer);
  }

  model(): Model {
    const metadata = this.#metadata(this.#layers);
    const placed = placeLayers(metadata);
    if (!placed.ok) throw new Error(`${metadata.name}: ${placed.fault.layer} ${placed.fault.why}`);
    const tensors = new Map<string, Tensor>();
    for (const layer of placed.layers) {
      const numbers = casesOf(layer.layer).tensors(layer, this.random);
      for (const { name, shape } of layer.tensors) {
        const data = numbers[name.slice(layer.layer.id.length + 1)];
        if (data !== undefined) tensors.set(name, tensor(data, shape));
      }
    }
    return buildModel(metadata, tensors);
  }

  #id(name: string): string {
    return `${name}${this.#layers.length + 1}`;
  }

  /** Zero points: the first int8 map of each network takes the next of all 256. */
  #int8(relu: boolean): Int8Output {
    const { random } = this;
    const first = !this.#layers.some((l) => 'output' in l && l.output.type === 'int8');
    const zeroPoint = first
      ? (this.#turn % 256) - 128
      : random.pick([-128, -128, 0, 127, random.int(-128, 127)]);
    const max = random.chance(0.8) ? 127 : random.int(Math.max(zeroPoint, 0), 127);
    const min = relu ? Math.min(zeroPoint, max) : -128;
    return { type: 'int8', zeroPoint, min, max, shift: random.int(0, 4), scale: 1 / 64 };
  }

  /** A 1x1 convolution of the map that is to be read. */
  #beside(from: string, { shape }: MapInfo): string {
    const id = this.#id('beside');
    const one: [number, number] = [1, 1];
    const window = { kernel: one, stride: one, padding: 'same' as const, pool: one };
    const output = this.#int8(false);
    this.add({ kind: 'conv', id, from, ...window, channels: shape[2], output });
    return id;
  }

  #metadata(layers: readonly Layer[]): Metadata {
    return {
      format: 'otolith-model',
      version: 1,
      name: this.#name,
      labels: Array.from({ length: this.#classes }, (_, i) => `class_${i}`),
      sampleRate: 20000,
      input: this.#input,
      layers: [...layers],
      provenance: { weights: 'random', network: 'test vector', seed: this.#turn },
    };
  }

  /** The layers so far, of which the last need not be scores: with whatever ending fits its type. */
  #placed(): readonly PlacedLayer[] {
    if (this.#layers.length === 0) return [];
    const { from } = this;
    const one: [number, number] = [1, 1];
    const int8 = { type: 'int8', zeroPoint: 0, min: -128, max: 127, shift: 0, scale: 1 } as const;
    const window = { kernel: one, stride: one, padding: 'same', pool: one, channels: 1 } as const;
    const real = { kind: 'conv', id: 'real', from, ...window, output: int8 } as const;
    const signs = { ...real, kind: 'xnorConv', id: 'signs', padValue: 0 } as const;
    const scores = { type: 'scores', scale: 1 } as const;
    const dense = (of: string): Layer => ({
      ...{ kind: 'dense', id: 'end', from: of, units: 1, output: scores },
    });
    let why = '';
    const metadata = { ...this.#metadata([]), labels: ['x'] };
    for (const ending of [[dense(from)], [real, dense('real')], [signs, dense('signs')]]) {
      const draft = placeLayers({ ...metadata, layers: [...this.#layers, ...ending] });
      if (draft.ok) return draft.layers.slice(0, this.#layers.length);
      why = `layer ${draft.fault.layer} ${draft.fault.why}`;
    }
    throw new Error(`${metadata.name}: ${why}`);
  }
}
