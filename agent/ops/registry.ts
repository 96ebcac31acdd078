import type { z } from 'zod';
import { average } from './average/operator.ts';
import type { Operator } from './operator.ts';

/** Every operator of deployed networks. A new one is a folder and a line here. */
export const operators = {
  average,
};

/** What model files call an operator. */
export type Kind = keyof typeof operators;
type LayerOf<K extends Kind> = z.infer<(typeof operators)[K]['schema']>;
/** A layer of any operator. */
export type Layer = LayerOf<Kind>;

const byKind: { readonly [K in Kind]: Operator<LayerOf<K>> } = operators;

/** The operator of layers of a kind. For a layer of unknown kind: what takes that layer, and layers of its kind alone. */
export function operatorOf<K extends Kind>(layer: { readonly kind: K }): Operator<LayerOf<K>> {
  return byKind[layer.kind];
}
