import type { Metadata } from '../../model/plan.ts';
import { type Tensor, tensor } from '../../model/tensors.ts';
import {
  type ConvNode,
  INPUT,
  type Net,
  type Node,
  type Shape,
  shapesOf,
} from '../../nets/graph.ts';
import type { Layer } from '../../ops/registry.ts';
import { MAP_STEPS } from '../train/fake-quantize.ts';
import type { Parameters } from '../train/parameters.ts';
import type { Calibration } from './calibrations.ts';
import { valuesOf } from './fold.ts';
import type { Observed } from './observe.ts';
import { rangeOf } from './ranges.ts';
import { requantStage } from './requantize.ts';

export interface DeployOptions {
  readonly net: Net;
  readonly parameters: Parameters;
  readonly observed: ReadonlyMap<string, Observed>;
  readonly calibration: Calibration;
  /** Correct each bias by the mean error that rounding the weights makes (Nagel et al. 2019). */
  readonly biasCorrection: boolean;
  readonly metadata: Pick<Metadata, 'name' | 'labels' | 'provenance'>;
}

/** How a map is stored once deployed, and how its integers become real values. */
export interface Stored {
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
const none: Stored['offset'] = () => 0;

/** A deployed model in the making: what its layers are made from, and how the maps so far are stored. */
export class Draft {
  readonly layers: Layer[] = [];
  readonly tensors = new Map<string, Tensor>();
  readonly options: DeployOptions;
  readonly #shapes: ReadonlyMap<string, Shape>;
  /** One scale for all residual streams, so that shortcuts are plain additions. */
  readonly streamScale: number;
  readonly #stored = new Map<string, Stored>([
    [INPUT, { id: INPUT, type: 'int16', scale: 1 / 32768, zeroPoint: 0, offset: none }],
  ]);

  constructor(options: DeployOptions) {
    this.options = options;
    this.#shapes = shapesOf(options.net);
    this.streamScale = streamScale(options);
  }

  /** The map that a node reads. */
  source(node: Node): Stored {
    const stored = this.#stored.get(node.from);
    if (stored === undefined) throw new Error(`node ${node.id} reads nothing`);
    return stored;
  }

  /** Notes that a node's map is stored as the one it reads, given by layer `id`. */
  passOn(node: Node, id: string): void {
    this.#stored.set(node.id, { ...this.source(node), id });
  }

  values(id: string, name: string): Float32Array {
    return valuesOf(this.options.parameters, `${id}.${name}`);
  }

  shape(id: string): Shape {
    return this.#shapes.get(id) ?? [0, 0, 0];
  }

  set(name: string, data: Tensor['data'], shape: readonly number[]): void {
    this.tensors.set(name, tensor(data, shape));
  }

  observed(id: string): Observed {
    const found = this.options.observed.get(id);
    if (found === undefined) throw new Error(`calibration did not see ${id}`);
    return found;
  }

  /** The convolution that reads a node's output, past what changes neither values nor type. */
  reader(node: Node): Node | undefined {
    const reader = this.options.net.nodes.find((n) => n.from === node.id);
    const passes = reader?.kind === 'channelsToHeight' || reader?.kind === 'dropout';
    return passes ? this.reader(reader) : reader;
  }

  /** Mean input of each channel, where it is known. */
  inputMeans(node: Node): Float64Array | undefined {
    return this.options.observed.get(node.from)?.means;
  }

  /** Real value of one step of an int8 map. */
  step(id: string): number {
    return rangeOf(this.observed(id), this.options.calibration) / MAP_STEPS;
  }

  /** Notes how the map that a node's own layer gives is stored. */
  store(node: Node, stored: Omit<Stored, 'id' | 'offset'>, offset = none): void {
    this.#stored.set(node.id, { ...stored, id: node.id, offset });
  }

  /** What a deployed convolution of either kind takes over from its node. */
  windowOf(node: ConvNode) {
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
  requant(
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
    this.set(`${id}.bias`, stage.bias, [unit.length]);
    this.set(`${id}.multiplier`, stage.multiplier, [unit.length]);
    return stage.shift;
  }
}

/** Real value of one step of the residual streams: the largest value seen, with headroom. */
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
