import { CompiledModel } from '../../engine/compiled-model.ts';
import type { Model } from '../../model/model.ts';
import type { Clip } from '../data/dataset.ts';
import { type Evaluation, evaluateClips } from './evaluation.ts';

/** Is called while an evaluation runs. */
export interface EvaluationWatcher {
  /** Before each clip. */
  readonly onClip?: (clip: Clip) => void;
  /** Integer scores of a clip's ten windows. */
  readonly onScores?: (clip: Clip, scores: readonly Int32Array[]) => void;
}

/** Evaluates a deployed model on the integer engine that ships (the gateway's WebAssembly). */
export async function evaluateModel(
  model: Model,
  clips: readonly Clip[],
  cache: string,
  { onClip, onScores }: EvaluationWatcher = {},
): Promise<Evaluation> {
  const compiled = await CompiledModel.load(model, { cache });
  const classes = model.metadata.labels.length;
  return evaluateClips(clips, classes, compiled.windowSamples, (windows, clip) => {
    onClip?.(clip);
    const results = windows.map((window) => compiled.run(window));
    onScores?.(
      clip,
      results.map(({ scores }) => scores),
    );
    return Float32Array.from(results.flatMap(({ probabilities }) => [...probabilities]));
  });
}
