import type { z } from 'zod';
import type { Gradients } from './gradients.ts';
import type { Lowering, ParameterValues, RandomLowering, SignLevel } from './lowering.ts';
import type { Shape } from './maps.ts';
import type { AnyNode, NodeCost } from './node.ts';

/**
 * An operator of float networks: what its nodes are, what they cost, what can be taken from them, and the integer
 * layers that they become. Everything that knows one operator lies in its folder; the graph, pruning, training and
 * lowering ask the registry. A method gets the node and what has been found out about it, holds no state, and gives the
 * same for the same.
 */
export interface NodeOperator<N extends AnyNode> extends Architecture<N>, Deployment<N> {
  /** Parameters and gradients, which `agent/lab` alone loads. */
  gradients(): Promise<Gradients<N>>;
}

/** A node in its graph. Shapes are of one window: height, width, channels. */
export interface Architecture<N extends AnyNode> {
  readonly kind: N['kind'];
  /** Of the node as a file has it. */
  readonly schema: z.ZodType<N>;
  /** Of its output; sizes below 1 where nothing would be left to compute. */
  shape(node: N, input: Shape): Shape;
  cost(node: N, input: Shape): NodeCost;
  /** Where its output's channels come from: made by it, those that it reads, or turned to something else. */
  readonly channels: 'own' | 'input' | 'turned';
  /** What can be taken from it, where that is something. */
  readonly pruning?: Pruning<N>;
  /** Whether it multiplies signs. */
  binary?(node: N): boolean;
  /** True where a state is carried over time, and no batch norm keeps it in range. */
  readonly recurrent?: true;
  /** True where its output is an image, time by frequency: the front of a network ends here. */
  readonly image?: true;
}

/** Outputs that a node can do without. */
export interface Pruning<N extends AnyNode> {
  readonly unit: 'channel' | 'unit';
  /** How many it has. */
  width(node: N): number;
  /** Local names of the arrays whose last axis they are: those that rank them. */
  readonly weights: readonly string[];
  /** The array, one number an output, by whose magnitude the strongest are found; absent: none. */
  readonly loudness?: string;
  /** The node with `width` of them, for an input that may have become smaller. */
  narrowed(node: N, input: Shape, width: number): N;
}

/** What becomes of a node on a board. */
export interface Deployment<N extends AnyNode> {
  /** The types that it takes as input; the node before it chooses among them. */
  reads(node: N): 'int8' | 'int16' | 'bits';
  /** True where neither values nor type change, so that what it reads should suit who reads it. */
  readonly passes?: true;
  /** Where what it reads may be stored as signs: by channel of its input, the value from which on a sign is +1. */
  signLevel?(node: N, values: ParameterValues): SignLevel | undefined;
  /** Adds the integer layers of a trained node. */
  lower(node: N, to: Lowering): void;
  /** Adds layers with random weights: of the same cost, with activations that spread over their range. */
  lowerRandom(node: N, to: RandomLowering): void;
}
