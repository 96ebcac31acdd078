import type { Lowering, RandomLowering } from '../lowering.ts';
import type { AnyNode } from '../node.ts';
import { SCALE } from '../output-stage/random.ts';
import { MAP_STEPS, reluOutput } from '../output-stage/requantize.ts';
import type { AverageLayer } from './layer.ts';

/** The mean in 8 bits. */
export function lower({ id }: AnyNode, to: Lowering): void {
  const { source } = to;
  const [h, w] = to.input;
  const step = to.step();
  const factor = source.scale / (h * w) / step;
  // The largest shift for which neither the sum nor the multiplier overflows.
  let shift = 15;
  while (h * w * MAP_STEPS * 2 ** shift >= 2 ** 31) shift--;
  const multiplier = Math.min(0x7fffffff, Math.round(factor * 2 ** (32 - shift)));
  const output = reluOutput(shift, step);
  to.layer<AverageLayer>({ kind: 'average', id, from: source.id, multiplier, output });
  to.gives({ type: 'int8', scale: step, zeroPoint: -128 });
}

export function lowerRandom({ id }: AnyNode, to: RandomLowering): void {
  const [h, w] = to.input;
  // A mean is at most one step per step: shift 2 keeps the multiplier below 2^31 even for one position.
  const multiplier = Math.round(2 ** 30 / (h * w));
  const output = reluOutput(2, SCALE);
  to.layer<AverageLayer>({ kind: 'average', id, from: to.source.id, multiplier, output }, 'int8');
}
