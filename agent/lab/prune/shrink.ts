import { type Net, type Node, type Pair, type Shape, shapesOf } from '../../nets/graph.ts';
import type { Parameter, Parameters } from '../train/parameters.ts';

/** Channels or units that stay, by convolution or recurrent layer; those not named keep all of theirs. */
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
    const size = shapesOf({ ...net, nodes }).get(node.from) ?? net.input;
    nodes.push(narrowed(node, size, kept.get(node.id)?.length));
  }
  const small: Net = { ...net, nodes };
  const before = shapesOf(net);
  const out = new Map<string, Parameter>();
  for (const parameter of parameters.values()) {
    const id = parameter.name.slice(0, parameter.name.indexOf('.'));
    const node = net.nodes.find((n) => n.id === id);
    if (node === undefined) continue;
    const left: Left = {
      inputs: keptInputs(net, node, kept, before),
      channels: before.get(node.from)?.[2] ?? 1,
      outputs: kept.get(id),
    };
    out.set(parameter.name, sliced(parameter, node, left));
  }
  return { net: small, parameters: out };
}

function narrowed(node: Node, size: Shape, left: number | undefined): Node {
  if (node.kind === 'lstm') return { ...node, units: left ?? node.units };
  if (node.kind !== 'conv') return node;
  const rows = node.padding === 'same' ? size[0] : size[0] - node.kernel[0] + 1;
  const pool: Pair = [Math.min(node.pool[0], Math.max(1, rows)), node.pool[1]];
  return { ...node, channels: left ?? node.channels, pool };
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
  if (from.kind === 'conv' || from.kind === 'lstm') return kept.get(from.id);
  // After the change of axes the channels are rows of a single one.
  if (from.kind === 'channelsToHeight') return undefined;
  if (node.kind === 'dense') {
    const [h, w] = shapes.get(node.from) ?? [1, 1, 1];
    if (h * w !== 1) return undefined;
  }
  return keptInputs(net, from, kept, shapes);
}

/** What is left of the channels that a node reads (of `channels`) and of those it gives; undefined for all. */
interface Left {
  readonly inputs: readonly number[] | undefined;
  readonly channels: number;
  readonly outputs: readonly number[] | undefined;
}

function sliced(parameter: Parameter, node: Node, left: Left): Parameter {
  const { inputs, outputs } = left;
  if (node.kind === 'lstm') return slicedGates(parameter, left);
  if (node.kind === 'dense') {
    return parameter.name.endsWith('.weight') ? take(parameter, 0, inputs) : parameter;
  }
  if (!parameter.name.endsWith('.weight')) return take(parameter, 0, outputs);
  return take(take(parameter, 2, inputs), 3, outputs);
}

/** Arrays of a recurrent layer: weight [width * channels][4][units], recurrent [units][4][units], bias [4][units]. */
function slicedGates(parameter: Parameter, { inputs, channels, outputs }: Left): Parameter {
  switch (parameter.name.slice(parameter.name.indexOf('.') + 1)) {
    case 'weight': {
      const width = (parameter.shape[0] ?? 0) / channels;
      const rows = Array.from({ length: width }, (_, w) => inputs?.map((c) => w * channels + c));
      return take(take(parameter, 0, inputs && rows.flatMap((row) => row ?? [])), 2, outputs);
    }
    case 'recurrent':
      return take(take(parameter, 0, outputs), 2, outputs);
    default:
      return take(parameter, 1, outputs);
  }
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
