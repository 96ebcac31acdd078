import type { Pruning } from '../ops/node-operator.ts';
import { nodeOperatorOf } from '../ops/registry.ts';
import type { Net, Node } from './graph.ts';

/** What can be said of a network by what its operators say of its nodes. */

/** Whether any convolution runs on signs: an XNOR network. */
export function isBinary({ nodes }: Net): boolean {
  return nodes.some((node) => nodeOperatorOf(node).binary?.(node) ?? false);
}

/** Whether it carries a state over time, without batch norm. */
export function isRecurrent({ nodes }: Net): boolean {
  return nodes.some((node) => nodeOperatorOf(node).recurrent);
}

/** Channels or units that pruning can take from a node; 0 where there are none. */
export function prunableOf(node: Node): number {
  return nodeOperatorOf(node).pruning?.width(node) ?? 0;
}

/** Output channels of each convolution, in order. */
export function channelsOf({ nodes }: Net): readonly number[] {
  const unit = (node: Node): Pruning<Node>['unit'] | undefined =>
    nodeOperatorOf(node).pruning?.unit;
  return nodes.filter((node) => unit(node) === 'channel').map(prunableOf);
}

/** The nodes up to the image: 1-D convolutions on the window and the change of axes, or the spectrogram; none without an image. */
export function frontOf({ nodes }: Net): readonly Node[] {
  return nodes.slice(0, nodes.findIndex((node) => nodeOperatorOf(node).image) + 1);
}

/** Whether the front is computed and not learnt: a spectrogram. */
export function hasFixedFront(net: Net): boolean {
  const front = frontOf(net);
  return front.length > 0 && front.every((node) => prunableOf(node) === 0);
}
