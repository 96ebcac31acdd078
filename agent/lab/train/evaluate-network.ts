import type { Clip } from '../data/dataset.ts';
import { type Evaluation, evaluateClips } from '../evaluate.ts';
import { softmaxRows } from './loss.ts';
import type { TrainableNetwork } from './network.ts';

/** Evaluates a float network, ten crops per clip. */
export function evaluateNetwork(network: TrainableNetwork, clips: readonly Clip[]): Evaluation {
  const { classes, input } = network.net;
  return evaluateClips(clips, classes, input[1], (windows) => {
    const all = new Float32Array(windows.length * input[1]);
    windows.forEach((w, i) => {
      w.forEach((sample, j) => {
        all[i * input[1] + j] = sample / 32768;
      });
    });
    return softmaxRows(network.infer(all), classes);
  });
}
