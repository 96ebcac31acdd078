import type { Model } from './model.ts';

/** The scale of a model's scores as boards carry it: logit = score * q24 / 2^24. */
export function scoreScaleQ24({ metadata }: Pick<Model, 'metadata'>): number {
  const last = metadata.layers.at(-1);
  const output = last !== undefined && 'output' in last ? last.output : undefined;
  const scale = output?.type === 'scores' ? output.scale : 1;
  return Math.min(0xffffffff, Math.round(scale * 2 ** 24));
}

/** Softmax of integer scores. */
export function probabilitiesOf(scores: ArrayLike<number>, scaleQ24: number): Float64Array {
  const logits = Float64Array.from(scores, (score) => (score * scaleQ24) / 2 ** 24);
  const top = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Index of the highest score, the first of equals. */
export function bestClass(scores: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] ?? 0) > (scores[best] ?? 0)) best = i;
  return best;
}
