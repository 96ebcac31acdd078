import type { ConvNode } from '../../nets/graph.ts';
import { normOf } from './fold.ts';
import type { Draft, Stored } from './lowering.ts';
import { clampInt } from './requantize.ts';

/** Value from which a paper block's batch norm and sign give +1, by channel of its input (gamma is positive). */
export function signLevel(draft: Draft, reader: ConvNode): (channel: number) => number {
  const { scale, offset } = normOf(draft.options.parameters, reader.id);
  // After the change of axes all values are in one channel.
  return (n) => -(offset[n % offset.length] ?? 0) / (scale[n % scale.length] ?? 1);
}

/** A layer that takes signs of a stored map at a paper block's levels. */
export function signs(draft: Draft, node: ConvNode, source: Stored): string {
  const level = signLevel(draft, node);
  const inputs = draft.shape(node.from)[2];
  return signLayer(draft, node, source, (c) => level(c), inputs);
}

/** A layer that takes signs of a stored map, +1 from a level on that each channel has; gives its id. */
export function signLayer(
  draft: Draft,
  node: ConvNode,
  source: Stored,
  level: (channel: number) => number,
  inputs: number,
): string {
  const id = `${node.id}_sign`;
  const thresholds = Int32Array.from({ length: inputs }, (_, c) =>
    clampInt(Math.ceil((level(c) - source.offset(c)) / source.scale) + source.zeroPoint),
  );
  draft.set(`${id}.threshold`, thresholds, [inputs]);
  draft.layers.push({ kind: 'sign', id, from: source.id });
  return id;
}

/** Shape of a binary kernel's signs, packed in bytes. */
export function signShape(node: ConvNode, inputs: number): readonly number[] {
  return [node.channels, ...node.kernel, Math.ceil(inputs / 8)];
}
