import { layerSchema, type Metadata } from '../../model/plan.ts';
import { INPUT, type Net, type Node } from '../../nets/graph.ts';
import { readerOf, readsOf } from '../../nets/readers.ts';
import { shapesOf } from '../../nets/shapes.ts';
import type { Lowering, ParameterValues, QuantizedTensor, Reader } from '../../ops/lowering.ts';
import type { Shape } from '../../ops/maps.ts';
import { MAP_STEPS } from '../../ops/output-stage/requantize.ts';
import { type Layer, nodeOperatorOf } from '../../ops/registry.ts';
import { type Tensor, tensor } from '../../ops/tensors.ts';
import type { Parameters } from '../../tape/parameter.ts';
import type { Calibration } from './calibrations.ts';
import type { Observed } from './observe.ts';
import { rangeOf } from './ranges.ts';

export interface LoweringOptions {
  readonly net: Net;
  readonly parameters: Parameters;
  readonly observed: ReadonlyMap<string, Observed>;
  readonly calibration: Calibration;
  /** Correct each bias by the mean error that rounding the weights makes (Nagel et al. 2019). */
  readonly biasCorrection: boolean;
  readonly metadata: Pick<Metadata, 'name' | 'labels' | 'provenance'>;
}

/** Steps of an int16 stream that the largest value seen takes; the rest is headroom. */
const STREAM_STEPS = 14000;
const none: QuantizedTensor['offset'] = () => 0;

/** The lowering of a network: its layers and tensors so far, and how the maps are stored. */
export class NetworkLowering {
  readonly layers: Layer[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly #options: LoweringOptions;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #streamScale: number;
  readonly #maps = new Map<string, QuantizedTensor>([
    [INPUT, { id: INPUT, type: 'int16', scale: 1 / 32768, zeroPoint: 0, offset: none }],
  ]);

  constructor(options: LoweringOptions) {
    this.#options = options;
    this.#shapes = shapesOf(options.net);
    this.#streamScale = streamScale(options);
  }

  /** What the lowering of one node is told, and gives. */
  at(node: Node): Lowering {
    const { net, observed, biasCorrection, calibration } = this.#options;
    const source = this.#maps.get(node.from);
    if (source === undefined) throw new Error(`node ${node.id} reads nothing`);
    return {
      sampleRate: net.sampleRate,
      source,
      input: this.#shapes.get(node.from) ?? [0, 0, 0],
      values: this.#valuesOf(node),
      reader: this.#reader(node),
      inputMeans: biasCorrection ? observed.get(node.from)?.means : undefined,
      step: () => rangeOf(seenOf(observed, node.id), calibration) / MAP_STEPS,
      streamScale: this.#streamScale,
      tensor: (name, data, shape) => void this.tensors.set(name, tensor(data, shape)),
      layer: (layer) => void this.layers.push(layerSchema.parse(layer)),
      gives: (map, offset = none) => void this.#maps.set(node.id, { ...map, id: node.id, offset }),
      passes: (id) => void this.#maps.set(node.id, { ...source, id }),
    };
  }

  #valuesOf({ id }: Node): ParameterValues {
    return (name) => {
      const found = this.#options.parameters.get(`${id}.${name}`);
      if (found === undefined) throw new Error(`no parameter ${id}.${name}`);
      return found.data;
    };
  }

  #reader(node: Node): Reader | undefined {
    const reader = readerOf(this.#options.net, node);
    if (reader === undefined) return undefined;
    const values = this.#valuesOf(reader);
    const signLevel = nodeOperatorOf(reader).signLevel?.(reader, values);
    return { reads: readsOf(reader), signLevel };
  }
}

function seenOf(observed: LoweringOptions['observed'], id: string): Observed {
  const found = observed.get(id);
  if (found === undefined) throw new Error(`calibration did not see ${id}`);
  return found;
}

/** Real value of one step of the residual streams: the largest value seen, with headroom. */
function streamScale({ net, observed }: LoweringOptions): number {
  let largest = 1e-6;
  const residual = net.nodes.filter((node) => readsOf(node) === 'int16');
  for (const id of new Set(residual.flatMap((node) => [node.id, node.from]))) {
    const seen = observed.get(id);
    if (seen !== undefined) largest = Math.max(largest, seen.max, -seen.min);
  }
  return largest / STREAM_STEPS;
}
