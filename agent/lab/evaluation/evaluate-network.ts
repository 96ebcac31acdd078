import type { Clip } from '../data/dataset.ts';
import { softmaxRows } from '../train/loss.ts';
import type { TrainableNetwork } from '../train/network.ts';
import { type Evaluation, evaluateClips } from './evaluation.ts';

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
