import {
  type ConvNode,
  type Net,
  type Node,
  type Pair,
  type Shape,
  shapesOf,
} from '../../nets/graph.ts';
import type { Parameter, Parameters } from '../train/parameters.ts';

/** Channels that stay, by convolution; those not named keep all of theirs. */
export type Kept = ReadonlyMap<string, readonly number[]>;

export interface Shrunk {
  readonly net: Net;
  readonly parameters: Parameters;
}

/**
 * Removes channels for good: a smaller dense network with the weights that are left. A pool is kept no larger than
 * what is left of its map.
 */
export function shrink(net: Net, parameters: Parameters, kept: Kept): Shrunk {
  const nodes: Node[] = [];
  for (const node of net.nodes) {
    if (node.kind !== 'conv') {
      nodes.push(node);
      continue;
    }
    const size = shapesOf({ ...net, nodes }).get(node.from) ?? net.input;
    nodes.push(narrowed(node, size, kept.get(node.id)));
  }
  const small: Net = { ...net, nodes };
  const before = shapesOf(net);
  const out = new Map<string, Parameter>();
  for (const parameter of parameters.values()) {
    const id = parameter.name.slice(0, parameter.name.indexOf('.'));
    const node = net.nodes.find((n) => n.id === id);
    if (node === undefined) continue;
    const inputs = keptInputs(net, node, kept, before);
    out.set(parameter.name, sliced(parameter, node, inputs, kept.get(id)));
  }
  return { net: small, parameters: out };
}

function narrowed(node: ConvNode, size: Shape, kept: readonly number[] | undefined): ConvNode {
  const rows = node.padding === 'same' ? size[0] : size[0] - node.kernel[0] + 1;
  const pool: Pair = [Math.min(node.pool[0], Math.max(1, rows)), node.pool[1]];
  return { ...node, channels: kept?.length ?? node.channels, pool };
}

/** Input channels of a node that are left, or undefined if all are. */
function keptInputs(
  net: Net,
  node: Node,
  kept: Kept,
  shapes: ReadonlyMap<string, Shape>,
): readonly number[] | undefined {
  const from = net.nodes.find((n) => n.id === node.from);
  if (from === undefined) return undefined;
  if (from.kind === 'conv') return kept.get(from.id);
  // After the change of axes the channels are rows of a single one.
  if (from.kind === 'channelsToHeight') return undefined;
  if (node.kind === 'dense') {
    const [h, w] = shapes.get(node.from) ?? [1, 1, 1];
    if (h * w !== 1) return undefined;
  }
  return keptInputs(net, from, kept, shapes);
}

function sliced(
  parameter: Parameter,
  node: Node,
  inputs: readonly number[] | undefined,
  outputs: readonly number[] | undefined,
): Parameter {
  if (node.kind === 'dense') {
    return parameter.name.endsWith('.weight') ? take(parameter, 0, inputs) : parameter;
  }
  if (!parameter.name.endsWith('.weight')) return take(parameter, 0, outputs);
  return take(take(parameter, 2, inputs), 3, outputs);
}

/** Keeps some indices along one axis. */
function take(
  parameter: Parameter,
  axis: number,
  indices: readonly number[] | undefined,
): Parameter {
  if (indices === undefined) return parameter;
  const { shape, data } = parameter;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const size = shape[axis] ?? 1;
  const outer = data.length / inner / size;
  const out = new Float32Array(outer * indices.length * inner);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices) {
      const from = (o * size + index) * inner;
      out.set(data.subarray(from, from + inner), at);
      at += inner;
    }
  }
  return { ...parameter, shape: shape.with(axis, indices.length), data: out };
}
