import type { Shape } from '../ops/maps.ts';
import type { NodeCost as OperatorCost } from '../ops/node.ts';
import { nodeOperatorOf } from '../ops/registry.ts';
import type { Net, Node } from './graph.ts';
import { shapesOf } from './shapes.ts';

/** What one node costs for one window. */
export interface NodeCost extends OperatorCost {
  readonly id: string;
  readonly output: Shape;
}

export interface NetCost {
  readonly nodes: readonly NodeCost[];
  readonly realMacs: number;
  readonly binaryMacs: number;
  readonly macs: number;
  readonly parameters: number;
  /** Bytes of all parameters as 32-bit floats. */
  readonly floatBytes: number;
  /** Bytes with every parameter in 8 bits. */
  readonly int8Bytes: number;
  /** Bytes with every parameter in 1 bit (the figure the paper compares by). */
  readonly oneBitBytes: number;
  /** FLOPs by the formula of "Pruning vs XNOR-Net": real operations + binary operations / 64. */
  readonly paperFlops: number;
}

/** Binary operations that the paper's formula counts as one. */
const PAPER_WORD = 64;

/** Counts multiply-accumulates, weights and bytes of a network. */
export function costOf(net: Net): NetCost {
  const shapes = shapesOf(net);
  const nodes = net.nodes.map((node) => nodeCost(node, shapes));
  const sum = (pick: (n: NodeCost) => number): number => nodes.reduce((a, n) => a + pick(n), 0);
  const realMacs = sum((n) => n.realMacs);
  const binaryMacs = sum((n) => n.binaryMacs);
  const parameters = sum((n) => n.parameters);
  return {
    nodes,
    realMacs,
    binaryMacs,
    macs: realMacs + binaryMacs,
    parameters,
    floatBytes: parameters * 4,
    int8Bytes: parameters,
    oneBitBytes: Math.ceil(parameters / 8),
    paperFlops: realMacs + binaryMacs / PAPER_WORD,
  };
}

function nodeCost(node: Node, shapes: ReadonlyMap<string, Shape>): NodeCost {
  const input = shapes.get(node.from) ?? [0, 0, 0];
  const output = shapes.get(node.id) ?? [0, 0, 0];
  return { id: node.id, output, ...nodeOperatorOf(node).cost(node, input) };
}
