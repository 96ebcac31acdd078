import { CompiledModel } from '../../engine/compiled-model.ts';
import type { Model } from '../../model/model.ts';
import type { Clip } from '../data/dataset.ts';
import { type Evaluation, evaluateClips } from './evaluation.ts';

/** Evaluates a deployed model on the integer engine that ships (the gateway's WebAssembly). */
export async function evaluateModel(
  model: Model,
  clips: readonly Clip[],
  cache: string,
  onClip?: (done: number) => void,
): Promise<Evaluation> {
  const compiled = await CompiledModel.load(model, { cache });
  const classes = model.metadata.labels.length;
  return evaluateClips(
    clips,
    classes,
    compiled.windowSamples,
    (windows) => {
      const out = new Float32Array(windows.length * classes);
      windows.forEach((w, i) => {
        out.set(compiled.run(w).probabilities, i * classes);
      });
      return out;
    },
    onClip,
  );
}
