import type { Model } from '../../model/model.ts';
import { SeenClips } from '../data/clip-set.ts';
import type { Clip } from '../data/dataset.ts';
import { type EvaluationWatcher, evaluateModel } from './evaluate-model.ts';
import { type Evaluation, pooled } from './evaluation.ts';

/** An evaluation that tells clips the network has learnt from and others apart. */
export interface SeenFigures {
  /** On all clips. */
  readonly all: Evaluation;
  /** How many of them it has learnt from; undefined where the model does not say. */
  readonly seen: number | undefined;
  /** On the others; undefined where there are none, or nobody knows which they are. */
  readonly unseen: Evaluation | undefined;
}

/** Evaluates a deployed model on the integer engine that ships, the clips it has learnt from apart. */
export async function seenFigures(
  model: Model,
  clips: readonly Clip[],
  cache: string,
  watcher: EvaluationWatcher = {},
): Promise<SeenFigures> {
  const evaluate = (some: readonly Clip[]): Promise<Evaluation> =>
    evaluateModel(model, some, cache, watcher);
  const met = metBy(model);
  if (met === undefined) return { all: await evaluate(clips), seen: undefined, unseen: undefined };
  const seen = clips.filter(met);
  const others = clips.filter((clip) => !seen.includes(clip));
  const unseen = others.length === 0 ? undefined : await evaluate(others);
  const known = seen.length === 0 ? undefined : await evaluate(seen);
  const parts = [known, unseen].filter((part) => part !== undefined);
  return { all: pooled(parts), seen: seen.length, unseen };
}

/** Whether a model has learnt from a clip; undefined where it does not say. */
function metBy(model: Model): ((clip: Clip) => boolean) | undefined {
  const { weights, clips } = model.metadata.provenance;
  if (weights === 'random') return () => false;
  if (clips === undefined) return undefined;
  const set = new SeenClips(clips);
  return (clip) => set.has(clip);
}

/** The folds of a cross-validation as one. */
export function pooledFigures(parts: readonly SeenFigures[]): SeenFigures {
  const unseen = parts.flatMap((p) => (p.unseen === undefined ? [] : [p.unseen]));
  const known = parts.every((p) => p.seen !== undefined);
  return {
    all: pooled(parts.map((p) => p.all)),
    seen: known ? parts.reduce((sum, p) => sum + (p.seen ?? 0), 0) : undefined,
    unseen: known && unseen.length > 0 ? pooled(unseen) : undefined,
  };
}

/** What may be said of new sounds: on clips it has not learnt from, or as far as a model says nothing, on all. */
export function honest({ all, seen, unseen }: SeenFigures): Evaluation | undefined {
  return seen === undefined ? all : unseen;
}
