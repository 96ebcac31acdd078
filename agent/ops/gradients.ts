import type { Draw, Parameter } from '../tape/parameter.ts';
import type { Forward, Tape } from '../tape/tape.ts';
import type { Tensor } from '../tape/tensorflow.ts';
import type { Shape } from './maps.ts';
import type { AnyNode } from './node.ts';
import type { Left } from './take.ts';

/** How the nodes of an operator learn: their parameters, and both ways through them. For `agent/lab`. */
export interface Gradients<N extends AnyNode> {
  /** Fresh arrays of a node in a fixed order; random ones are drawn in that order. */
  parameters(node: N, input: Shape, draw: Draw): readonly Parameter[];
  /** What runs the node over batches [windows][height][width][channels], made once for a network. */
  forward(node: N, at: NodePlace): (tape: Tape, x: Tensor) => Forward;
  /** What is left of an array of the node, `name` its local name, once channels are gone from input and output. */
  sliced(name: string, parameter: Parameter, left: Left): Parameter;
  /** How a fine-tune mimics the node's 8-bit form; absent where none does yet. */
  readonly in8Bits?: In8Bits<N>;
  /** Values besides its output that a training step holds of one window. */
  held?(node: N, input: Shape): number;
}

/** A node's place in its network. */
export interface NodePlace {
  readonly input: Shape;
  readonly output: Shape;
  readonly sampleRate: number;
  /** Whether its channels are matched by number with another map's, so that no inert ones may be added. */
  readonly matched: boolean;
}

export interface In8Bits<N extends AnyNode> {
  /** Whether the map is rounded, and so needs a range from calibration. */
  readonly rounded: boolean;
  /** The arrays with batch norm folded and weights that round, from trained ones by local name; undefined: not mimicked. */
  parameters(node: N, trained: ReadonlyMap<string, Parameter>): readonly Parameter[] | undefined;
}
