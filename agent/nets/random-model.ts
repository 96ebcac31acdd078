import { Random } from '../base/random.ts';
import { buildModel, type Model } from '../model/model.ts';
import { layerSchema } from '../model/plan.ts';
import type { RandomLowering } from '../ops/lowering.ts';
import type { MapType, Shape } from '../ops/maps.ts';
import type { AnyLayer } from '../ops/operator.ts';
import { type Layer, nodeOperatorOf } from '../ops/registry.ts';
import { type Tensor, tensor } from '../ops/tensors.ts';
import { INPUT, type Net, type Node } from './graph.ts';
import { readerOf, readsOf } from './readers.ts';
import { shapesOf } from './shapes.ts';

/**
 * A model of an architecture with random weights: for measuring what a network costs, never for what it recognises; its
 * metadata says so. Multipliers and thresholds are chosen so that activations spread over their range.
 */
export function randomModel(net: Net, seed: number, network: string): Model {
  const draft = new RandomDraft(net, seed);
  for (const node of net.nodes) nodeOperatorOf(node).lowerRandom(node, draft.at(node));
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

type Output = RandomLowering['source'];

/** Layers and tensors so far, and how each node's map is stored. */
class RandomDraft {
  readonly layers: Layer[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly #net: Net;
  readonly #random: Random;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #outputs = new Map<string, Output>([[INPUT, { id: INPUT, type: 'int16' }]]);

  constructor(net: Net, seed: number) {
    this.#net = net;
    this.#random = new Random(seed);
    this.#shapes = shapesOf(net);
  }

  /** What the lowering of one node is told, and gives. */
  at(node: Node): RandomLowering {
    const source = this.#outputs.get(node.from) ?? { id: INPUT, type: 'int16' };
    const reader = readerOf(this.#net, node);
    const gives = (id: string, type: MapType) => void this.#outputs.set(node.id, { id, type });
    return {
      sampleRate: this.#net.sampleRate,
      random: this.#random,
      source,
      input: this.#shapes.get(node.from) ?? [0, 0, 0],
      wanted: reader === undefined ? 'int8' : readsOf(reader),
      last: this.#net.nodes.at(-1) === node,
      tensor: (name, data, shape) => void this.tensors.set(name, tensor(data, shape)),
      before: (layer) => this.#add(layer),
      layer: (layer, type) => {
        this.#add(layer);
        gives(layer.id, type);
      },
      passes: (id) => gives(id, source.type),
    };
  }

  #add(layer: AnyLayer): void {
    this.layers.push(layerSchema.parse(layer));
  }
}
