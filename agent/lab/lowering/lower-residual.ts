import type { ConvNode } from '../../nets/graph.ts';
import { normOf, outputsFirst, packSigns } from './fold.ts';
import { signLayer, signShape } from './lower-signs.ts';
import type { Draft } from './lowering.ts';
import { residualShift } from './requantize.ts';

/** A residual block: batch norm, shifts and shortcut in 16 bits around a binary convolution. */
export function residualConv(draft: Draft, node: ConvNode): void {
  const { id, channels } = node;
  const source = draft.source(node);
  const inputs = draft.shape(node.from)[2];
  const threshold = draft.values(id, 'threshold');
  const from = signLayer(draft, node, source, (c) => threshold[c] ?? 0, inputs);
  const { scale, offset } = normOf(draft.options.parameters, id);
  const weights = outputsFirst(draft.values(id, 'weight'), inputs, channels);
  // A negative factor is carried by the weights, so that multipliers stay positive.
  const packed = packSigns(weights, inputs, (n) => (scale[n] ?? 0) < 0, channels);
  draft.set(`${id}.weight`, packed, signShape(node, inputs));
  const shiftIn = draft.values(id, 'shiftIn');
  const shiftOut = draft.values(id, 'shiftOut');
  const factor = scale.map((s) => Math.abs(s) / source.scale);
  const added = offset.map(
    (o, n) => (o - (shiftIn[n] ?? 0) + source.offset(n % inputs)) / source.scale,
  );
  const shift = residualShift(factor, added, weights.length / channels);
  const round = shift === 0 ? 0 : 2 ** (shift - 1);
  draft.set(
    `${id}.multiplier`,
    Int16Array.from(factor, (f) => Math.min(32767, Math.round(f * 2 ** shift))),
    [channels],
  );
  draft.set(
    `${id}.bias`,
    Int32Array.from(added, (a) => Math.round(a * 2 ** shift) + round),
    [channels],
  );
  const slope = draft.values(id, 'slope');
  draft.set(
    `${id}.slope`,
    Int16Array.from(slope, (s) => Math.min(32767, Math.round(s * 32768))),
    [channels],
  );
  draft.layers.push({
    ...draft.windowOf(node),
    kind: 'xnorConv',
    id,
    from,
    padValue: 0,
    output: { type: 'residual', shortcut: source.id, shift, scale: source.scale },
  });
  const stored = { type: 'int16', scale: source.scale, zeroPoint: 0 } as const;
  draft.store(node, stored, (n) => shiftOut[n] ?? 0);
}
