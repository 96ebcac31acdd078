import type { Lowering, RandomLowering, SignLevel } from '../lowering.ts';
import { randomInts } from '../output-stage/random.ts';
import { clampInt } from '../output-stage/requantize.ts';

/** Id of the layer that takes signs for a node. */
const idFor = (node: string): string => `${node}_sign`;

/** Adds a layer that takes signs of what a node reads, at a level for each channel; gives its id. */
export function lowerSigns(node: string, to: Lowering, level: SignLevel): string {
  const { source } = to;
  const id = idFor(node);
  const channels = to.input[2];
  const thresholds = Int32Array.from({ length: channels }, (_, c) =>
    clampInt(Math.ceil((level(c) - source.offset(c)) / source.scale) + source.zeroPoint),
  );
  to.tensor(`${id}.threshold`, thresholds, [channels]);
  to.layer({ kind: 'sign', id, from: source.id });
  return id;
}

/** The same at random levels. */
export function randomSigns(node: string, to: RandomLowering): string {
  const id = idFor(node);
  randomInts(to, `${id}.threshold`, to.input[2], 2000);
  to.before({ kind: 'sign', id, from: to.source.id });
  return id;
}
