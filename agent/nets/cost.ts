import {
  type ConvNode,
  convShape,
  type Net,
  type Node,
  precisionOf,
  type Shape,
  shapesOf,
} from './graph.ts';

/** What one node costs for one window. */
export interface NodeCost {
  readonly id: string;
  readonly output: Shape;
  /** Multiply-accumulates on real (8-bit) operands; every tap counts, padding included. */
  readonly realMacs: number;
  /** Multiply-accumulates on signs. */
  readonly binaryMacs: number;
  /** Trainable numbers in all: weights, batch norm, biases, thresholds, slopes. */
  readonly parameters: number;
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

type Counts = Omit<NodeCost, 'id' | 'output'>;
const FREE: Counts = {
  realMacs: 0,
  binaryMacs: 0,
  parameters: 0,
};

function nodeCost(node: Node, shapes: ReadonlyMap<string, Shape>): NodeCost {
  const input = shapes.get(node.from) ?? [0, 0, 0];
  const output = shapes.get(node.id) ?? [0, 0, 0];
  return { id: node.id, output, ...counts(node, input) };
}

function counts(node: Node, input: Shape): Counts {
  switch (node.kind) {
    case 'conv':
      return convCounts(node, input);
    case 'dense': {
      const weights = input[0] * input[1] * input[2] * node.units;
      const parameters = weights + node.units;
      return { ...FREE, realMacs: weights, parameters };
    }
    case 'lstm': {
      const weights = 4 * node.units * (input[1] * input[2] + node.units);
      const parameters = weights + 4 * node.units;
      return { ...FREE, realMacs: weights * input[0], parameters };
    }
    case 'channelsToHeight':
    case 'average':
    case 'dropout':
    case 'logMel':
      return FREE;
  }
}

function convCounts(node: ConvNode, input: Shape): Counts {
  const [h, w, c] = convShape(input, node);
  const weights = node.kernel[0] * node.kernel[1] * input[2] * c;
  const macs = h * w * weights;
  const parameters = weights + channelParameters(node, input);
  return precisionOf(node) === 'binary'
    ? { ...FREE, binaryMacs: macs, parameters }
    : { ...FREE, realMacs: macs, parameters };
}

/** Trainable numbers besides the kernel: batch norm's gamma and beta, thresholds, shifts, slopes. */
function channelParameters(node: ConvNode, input: Shape): number {
  switch (node.form) {
    case 'plain':
      return 2 * node.channels;
    case 'paper':
      return 2 * input[2];
    case 'residual':
      return input[2] + 2 * node.channels + 3 * node.channels;
  }
}
