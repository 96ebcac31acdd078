import type { z } from 'zod';
import type { CSource } from '../c/c-source.ts';
import type { KernelSet } from '../c/kernel-sets.ts';
import type { ActivationMap, MapInfo, MapType } from './maps.ts';
import type { LayerTensors, Tensor, TensorSpec } from './tensors.ts';

/**
 * An operator of deployed networks: what its layers mean in integers, and how they become C. Everything that knows one
 * operator lies in its folder; checking, interpreting and compiling ask the registry, and no name. A method gets the
 * layer and what has been found out about it, holds no state, and gives the same for the same.
 */
export interface Operator<L extends AnyLayer> extends Specification<L>, Compilation<L> {}

/** What every layer of a plan says: its operator, its id, and the id of the (first) map that it reads. */
export interface AnyLayer {
  readonly kind: string;
  readonly id: string;
  readonly from: string;
}

/** At least one of something: of the maps that a layer reads. */
export type Some<T> = readonly [T, ...T[]];

/** A map that a layer reads: its id, and the types that it may have. */
export interface Input {
  readonly id: string;
  readonly takes: Some<MapType>;
}

/** Why a layer cannot be: the end of a sentence that begins with the layer's name, "takes a map of height 1, not 3". */
export interface Fault {
  readonly fault: string;
}

/** A layer in its network: with the maps that it reads, in the order of `inputs`, and the one that it gives. */
export interface Placed<L extends AnyLayer = AnyLayer> {
  readonly layer: L;
  readonly inputs: Some<MapInfo>;
  readonly output: MapInfo;
  /** Its tensors, by the names that they have in the model file: `<id>.<name>`. */
  readonly tensors: readonly TensorSpec[];
}

/** Multiply-accumulates of one window as a network counts them: every tap of every output, padding included. */
export interface Cost {
  readonly macs: number;
  /** Those of them that are on signs. */
  readonly binaryMacs: number;
}

export const FREE: Cost = { macs: 0, binaryMacs: 0 };

/** What a layer means: firmware/SPEC.md, executable. */
export interface Specification<L extends AnyLayer> {
  readonly kind: L['kind'];
  /** Of the layer as a model file has it. */
  readonly schema: z.ZodType<L>;
  /** The maps that it reads, `from` first. */
  inputs(layer: L): Some<Input>;
  /** The map that it gives for maps of the types that `inputs` names, or why it cannot take them. */
  place(layer: L, inputs: Some<MapInfo>): MapInfo | Fault;
  /** The tensors that it needs, by local name ("weight"). */
  tensors(layer: L, inputs: Some<MapInfo>): readonly TensorSpec[];
  /** Why its numbers could take a kernel beyond 32 bits (SPEC.md, "Bounds"), or undefined where none can. */
  check(placed: Placed<L>, tensors: LayerTensors): string | undefined;
  /** Its map, [height][width][channel], by the plainest program that SPEC.md allows: read, not fast. */
  run(
    placed: Placed<L>,
    inputs: Some<ActivationMap>,
    tensors: LayerTensors,
  ): Int32Array<ArrayBuffer>;
  cost(placed: Placed<L>): Cost;
  /** Where nothing of it is learnt: what it makes of a window, "log-mel spectrogram". Networks that begin with it alike read the same. */
  readonly transform?: string;
  /** The same integers from a smaller layer, where there is one. */
  simplify?(placed: Placed<L>, tensors: LayerTensors): Simplified<L> | undefined;
}

/** A layer and those of its tensors (by local name) that differ from what they were. */
export interface Simplified<L extends AnyLayer> {
  readonly layer: L;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** How a layer becomes C for a set of kernels (firmware/nn). */
export interface Compilation<L extends AnyLayer> {
  /** Bytes of memory beside its maps while it runs. The C side asserts that they are enough. */
  scratch(placed: Placed<L>, kernels: KernelSet): number;
  /** Writes the constant arrays and the descriptor that `calls` names; every C name begins with the layer's id. */
  constants(c: CSource, placed: Placed<L>, tensors: LayerTensors, kernels: KernelSet): void;
  /** C statements that compute its map from the maps that it reads. */
  calls(placed: Placed<L>, at: Addresses, kernels: KernelSet): readonly string[];
  /** What the C's comment says beside shapes and MACs: "kernel 3x3, stride 1x1". */
  remark?(placed: Placed<L>): string;
  /** The map it reads that its output may overwrite; absent: none, its output lies apart from what it reads. */
  over?(placed: Placed<L>, kernels: KernelSet): Overlap | undefined;
  /** Offers to compute this layer and all before it while samples arrive, instead of after the window is complete. */
  front?(placed: Placed<L>, around: Neighbours): FrontEnd | undefined;
  /** True where it turns [1, W, C] to [C, W, 1] and no more, which a front end can do as it writes. */
  readonly channelsToRows?: true;
}

/** C expressions of what a layer reads and writes: byte addresses in the arena, or `scores`. */
export interface Addresses {
  /** One for each map, in the order of `inputs`. */
  readonly inputs: Some<string>;
  readonly output: string;
  /** `NULL` where the layer takes none. */
  readonly scratch: string;
  readonly scratchBytes: number;
}

/** An output that may lie over an input that no later layer reads, if it begins at least `gap` bytes below it. */
export interface Overlap {
  readonly id: string;
  readonly gap: number;
}

/** The network around a layer, for operators that would run early. */
export interface Neighbours {
  /** The layers before it, in order. */
  readonly before: readonly Placed[];
  /** The layer behind it, where that one alone reads its map and only turns channels to rows. */
  readonly turn: Placed | undefined;
  /** Layers that read a map. */
  readers(id: string): number;
}

/** The first layers of a network, computed as samples arrive; of their maps only the last exists. */
export interface FrontEnd {
  /** What reports call it. */
  readonly name: string;
  /** How many of the network's layers it computes. */
  readonly layers: number;
  /** Bytes of what it keeps between portions of samples. */
  stateBytes(kernels: KernelSet): number;
  /** The C function that makes its state new: `reset(uint8_t *state)`. */
  readonly reset: string;
  /** Writes its constants and the C function `feed_front(arena, samples, count)`. */
  emit(c: CSource, context: FrontContext): void;
}

export interface FrontContext {
  readonly kernels: KernelSet;
  /** C expressions of the addresses of its state, of `stateBytes`, and of the map that it leaves. */
  readonly state: string;
  readonly map: string;
  readonly stateBytes: number;
  tensors(layer: AnyLayer): LayerTensors;
  /** The comment that introduces a layer. */
  heading(layer: AnyLayer): string;
}
