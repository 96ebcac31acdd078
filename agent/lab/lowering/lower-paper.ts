import type { ConvNode } from '../../nets/graph.ts';
import { outputsFirst, packSigns } from './fold.ts';
import { signLevel, signShape, signs } from './lower-signs.ts';
import type { Draft } from './lowering.ts';
import { clampInt, int8Output } from './requantize.ts';

/** A block in the paper's form: signs of its input, then a binary convolution whose scale is folded away. */
export function paperConv(draft: Draft, node: ConvNode): void {
  const source = draft.source(node);
  const inputs = draft.shape(node.from)[2];
  const weights = outputsFirst(draft.values(node.id, 'weight'), inputs, node.channels);
  const per = weights.length / node.channels;
  const alpha = Float64Array.from({ length: node.channels }, (_, n) => {
    let sum = 1e-12;
    for (let k = 0; k < per; k++) sum += Math.abs(weights[n * per + k] ?? 0);
    return sum / per;
  });
  const packed = packSigns(weights, inputs, () => false, node.channels);
  draft.set(`${node.id}.weight`, packed, signShape(node, inputs));
  const from = source.type === 'bits' ? source.id : signs(draft, node, source);
  const layer = {
    ...draft.windowOf(node),
    kind: 'xnorConv',
    id: node.id,
    from,
    padValue: 0,
  } as const;
  const reader = draft.reader(node);
  if (reader?.kind === 'conv' && reader.form === 'paper') {
    const level = signLevel(draft, reader);
    const thresholds = Int32Array.from(alpha, (a, n) => {
      const t = level(n);
      return t <= 0 ? -(2 ** 31) : clampInt(Math.ceil(t / a));
    });
    draft.set(`${node.id}.threshold`, thresholds, [node.channels]);
    draft.layers.push({ ...layer, output: { type: 'bits' } });
    draft.store(node, { type: 'bits', scale: 1, zeroPoint: 0 });
    return;
  }
  const step = draft.step(node.id);
  const reach = new Float64Array(node.channels).fill(per);
  const shift = draft.requant(node.id, alpha, new Float64Array(node.channels), reach, step);
  draft.layers.push({ ...layer, output: int8Output(shift, step) });
  draft.store(node, { type: 'int8', scale: step, zeroPoint: -128 });
}
