import { nodeOperatorOf } from '../ops/registry.ts';
import type { Net, Node } from './graph.ts';

/** The node that reads another's output, past what changes neither values nor type; undefined for the last. */
export function readerOf(net: Net, node: Node): Node | undefined {
  const reader = net.nodes.find((n) => n.from === node.id);
  return reader !== undefined && nodeOperatorOf(reader).passes ? readerOf(net, reader) : reader;
}

/** How a node wants what it reads to be stored. */
export function readsOf(node: Node): 'int8' | 'int16' | 'bits' {
  return nodeOperatorOf(node).reads(node);
}
