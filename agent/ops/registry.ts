import type { z } from 'zod';
import { add } from './add/operator.ts';
import { averageNode } from './average/node-operator.ts';
import { average } from './average/operator.ts';
import { channelsToHeightNode } from './channels-to-height/node-operator.ts';
import { channelsToHeight } from './channels-to-height/operator.ts';
import { convNode } from './conv/node-operator.ts';
import { conv } from './conv/operator.ts';
import { denseNode } from './dense/node-operator.ts';
import { dense } from './dense/operator.ts';
import { dropoutNode } from './dropout/node-operator.ts';
import { logMelNode } from './log-mel/node-operator.ts';
import { logMel } from './log-mel/operator.ts';
import { lstmNode } from './lstm/node-operator.ts';
import { lstm } from './lstm/operator.ts';
import type { NodeOperator } from './node-operator.ts';
import type { Operator } from './operator.ts';
import { sign } from './sign/operator.ts';
import { xnorConv } from './xnor-conv/operator.ts';

/** Every operator of deployed networks, by the name that model files have for it. A new one is a folder and a line. */
export const operators = {
  conv,
  sign,
  xnorConv,
  channelsToHeight,
  average,
  dense,
  logMel,
  lstm,
  add,
};

export type Kind = keyof typeof operators;
type LayerOf<K extends Kind> = z.infer<(typeof operators)[K]['schema']>;
/** A layer of any operator. */
export type Layer = LayerOf<Kind>;

const byKind: { readonly [K in Kind]: Operator<LayerOf<K>> } = operators;

/** A layer's operator. It takes that layer, and others of its kind alone. */
export function operatorOf<K extends Kind>(layer: { readonly kind: K }): Operator<LayerOf<K>> {
  return byKind[layer.kind];
}

/** Every operator of float networks, by the name that a network's file has for it. */
export const nodeOperators = {
  conv: convNode,
  channelsToHeight: channelsToHeightNode,
  average: averageNode,
  dropout: dropoutNode,
  dense: denseNode,
  logMel: logMelNode,
  lstm: lstmNode,
};

export type NodeKind = keyof typeof nodeOperators;
type NodeOf<K extends NodeKind> = Readonly<z.infer<(typeof nodeOperators)[K]['schema']>>;
/** A node of any operator. */
export type Node = NodeOf<NodeKind>;

const nodesByKind: { readonly [K in NodeKind]: NodeOperator<NodeOf<K>> } = nodeOperators;

/** A node's operator. It takes that node, and others of its kind alone. */
export function nodeOperatorOf<K extends NodeKind>(node: {
  readonly kind: K;
}): NodeOperator<NodeOf<K>> {
  return nodesByKind[node.kind];
}
