import type { Random } from '../base/random.ts';
import type { MapType, Shape } from './maps.ts';
import type { AnyLayer } from './operator.ts';
import type { Tensor } from './tensors.ts';

/** What the lowering of a node takes and gives back (agent/lab/lowering runs it). */

/** A float network's map as integers: real value = (integer - zero point) * scale + offset of its channel. */
export interface QuantizedTensor {
  /** The layer that gives it. */
  readonly id: string;
  readonly type: MapType;
  /** Real value of one step. */
  readonly scale: number;
  readonly zeroPoint: number;
  /** What is added to the stored channel to get the real value: a shift that no layer needs to apply. */
  readonly offset: (channel: number) => number;
}

/** Values of a node's trained arrays, by local name ("weight"). */
export type ParameterValues = (name: string) => Float32Array;

/** By channel, the real value from which on a sign is +1. */
export type SignLevel = (channel: number) => number;

/** A node's reader, past what changes neither values nor type. */
export interface Reader {
  readonly reads: 'int8' | 'int16' | 'bits';
  /** Where what it reads may be stored as signs. */
  readonly signLevel: SignLevel | undefined;
}

/** The lowering of one node, which adds layers to a model. */
export interface Lowering {
  readonly sampleRate: number;
  /** The map that the node reads. */
  readonly source: QuantizedTensor;
  /** Its shape. */
  readonly input: Shape;
  readonly values: ParameterValues;
  readonly reader: Reader | undefined;
  /** Mean input of each channel, to correct the mean error of rounded weights by; undefined: not to. */
  readonly inputMeans: Float64Array | undefined;
  /** Real value of one step of the node's own map in 8 bits, by calibration. */
  step(): number;
  /** Real value of one step of every int16 stream, so that shortcuts are plain additions. */
  readonly streamScale: number;
  tensor(name: string, data: Tensor['data'], shape: readonly number[]): void;
  layer<L extends AnyLayer>(layer: L): void;
  /** Says how the node's map is stored, which the layer of its own id gives. */
  gives(
    map: Pick<QuantizedTensor, 'type' | 'scale' | 'zeroPoint'>,
    offset?: QuantizedTensor['offset'],
  ): void;
  /** Says that the node's map is stored as the one it reads; `id`: the layer that gives it. */
  passes(id: string): void;
}

/** The same with random weights: for measuring what a network costs, never for what it recognises. */
export interface RandomLowering
  extends Pick<Lowering, 'sampleRate' | 'input' | 'tensor' | 'passes'> {
  readonly random: Random;
  readonly source: { readonly id: string; readonly type: MapType };
  /** The type in which the node's map is wanted; int8 where nobody reads it. */
  readonly wanted: 'int8' | 'int16' | 'bits';
  /** Whether the node's map is the network's answer. */
  readonly last: boolean;
  /** Adds the layer that gives the node's map. */
  layer<L extends AnyLayer>(layer: L, type: MapType): void;
  /** Adds a layer before that one. */
  before<L extends AnyLayer>(layer: L): void;
}
