import type { z } from 'zod';
import { add } from './add/operator.ts';
import { average } from './average/operator.ts';
import { channelsToHeight } from './channels-to-height/operator.ts';
import { conv } from './conv/operator.ts';
import { dense } from './dense/operator.ts';
import { logMel } from './log-mel/operator.ts';
import { lstm } from './lstm/operator.ts';
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
