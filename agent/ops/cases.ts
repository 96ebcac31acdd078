import type { Random } from '../base/random.ts';
import type { MapInfo, MapType, Shape } from './maps.ts';
import type { AnyLayer, Placed, Some } from './operator.ts';
import type { Int8Output } from './output-stage/schema.ts';
import type { TensorData } from './tensors.ts';

/**
 * Random layers of an operator, for tests: each folder has a `cases.ts` that exports `cases`, and tests of every operator
 * on every target are made of them (test/vectors). They are no part of the program.
 */
export interface OperatorCases<L extends AnyLayer> {
  /** Types of maps that its layers are put behind. */
  readonly reads: Some<MapType>;
  /** A window that its layers can be put behind; any small one if absent. */
  window?(random: Random): Shape;
  layer(context: CaseContext): L;
  /** Numbers for its tensors, by local name, up to the bounds of SPEC.md; names that it does not list are left out. */
  tensors(placed: Placed<L>, random: Random): Numbers;
}

export type Numbers = Readonly<Record<string, TensorData>>;

/** Where a random network goes on. */
export interface CaseContext {
  readonly random: Random;
  /** The map to read, and its id. */
  readonly from: string;
  readonly map: MapInfo;
  /** The int16 map whose signs `map` are, where it is one of signs. */
  readonly stream?: { readonly id: string; readonly map: MapInfo } | undefined;
  /** An id that is not taken. */
  id(name: string): string;
  /** An int8 output stage with a zero point that has not been tried. */
  int8(relu: boolean): Int8Output;
  /** The id of one more int8 map of `map`'s shape, with a zero point of its own. */
  beside(): string;
}

/** Multiply-accumulates of one network at most: QEMU and the reference interpreter have to run them all. */
export const MOST_MACS = 250_000;

/** Channel counts around what words, vectors and register blocks hold. */
export const CHANNELS = [
  ...([1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65] as const),
] as const;
