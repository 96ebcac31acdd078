import type { Net, Node } from '../../nets/graph.ts';
import { shapesOf } from '../../nets/shapes.ts';
import { prunableOf } from '../../nets/traits.ts';
import type { Shape } from '../../ops/maps.ts';
import { nodeOperatorOf } from '../../ops/registry.ts';
import type { Parameter, Parameters } from '../../tape/parameter.ts';
import { gradientsOf } from '../train/gradients.ts';
import { parametersOf } from '../train/parameters.ts';

/** Channels or units that stay, by convolution or recurrent layer; those not named keep all of theirs. */
export type Kept = ReadonlyMap<string, readonly number[]>;

export interface Shrunk {
  readonly net: Net;
  readonly parameters: Parameters;
}

/** Removes channels for good: a smaller dense network with the weights that are left. */
export function shrink(net: Net, parameters: Parameters, kept: Kept): Shrunk {
  const nodes: Node[] = [];
  for (const node of net.nodes) {
    const input = shapesOf({ ...net, nodes }).get(node.from) ?? net.input;
    nodes.push(narrowed(node, input, kept.get(node.id)?.length ?? prunableOf(node)));
  }
  const before = shapesOf(net);
  const out = new Map<string, Parameter>();
  for (const node of net.nodes) {
    const left = {
      inputs: keptInputs(net, node, kept),
      input: before.get(node.from) ?? net.input,
      outputs: kept.get(node.id),
    };
    for (const [name, parameter] of parametersOf(parameters, node.id)) {
      out.set(parameter.name, gradientsOf(node).sliced(name, parameter, left));
    }
  }
  return { net: { ...net, nodes }, parameters: out };
}

function narrowed(node: Node, input: Shape, width: number): Node {
  return nodeOperatorOf(node).pruning?.narrowed(node, input, width) ?? node;
}

/** Input channels of a node that are left, or undefined if all are. */
function keptInputs(net: Net, node: Node, kept: Kept): readonly number[] | undefined {
  const from = net.nodes.find((n) => n.id === node.from);
  if (from === undefined) return undefined;
  switch (nodeOperatorOf(from).channels) {
    case 'own':
      return kept.get(from.id);
    case 'input':
      return keptInputs(net, from, kept);
    case 'turned':
      // They are rows of a single channel now.
      return undefined;
  }
}
