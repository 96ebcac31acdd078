import type { ConvNode } from '../ops/conv/node.ts';
import type { Block } from '../ops/convolution/block.ts';

/** A convolution block of an architecture. */
export function convBlock(block: Omit<Block, 'kind'>): ConvNode {
  return { kind: 'conv', ...block };
}
