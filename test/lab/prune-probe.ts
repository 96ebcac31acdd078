import type { Clip } from '../../agent/lab/data/dataset.ts';
import { prune } from '../../agent/lab/prune/prune.ts';
import type { Pruning } from '../../agent/lab/prune/prunings.ts';
import type { Shrunk } from '../../agent/lab/prune/shrink.ts';
import type { Target } from '../../agent/lab/prune/target.ts';
import { initialParameters } from '../../agent/lab/train/parameters.ts';
import type { Net } from '../../agent/nets/graph.ts';
import type { TrainingRandom } from '../../agent/tape/random.ts';
import type { Tf } from '../../agent/tape/tensorflow.ts';

/** For tests: twelve clips of three classes. */
export function probeClips(random: TrainingRandom, length: number): readonly Clip[] {
  return Array.from({ length: 12 }, (_, i) => ({
    name: `${i}`,
    fold: 1,
    label: i % 3,
    samples: Int16Array.from({ length }, (_, t) => 8000 * Math.sin(t * (i % 3) + random.normal())),
  }));
}

/** For tests: prunes a fresh network of three classes, with one epoch between rounds. */
export function pruneProbe(
  tf: Tf,
  net: Net,
  how: {
    readonly clips: readonly Clip[];
    readonly method: Pruning;
    readonly target: Target;
    readonly perRound: number;
  },
): Shrunk {
  const parameters = initialParameters(net, 4);
  const tuning = { tuneEpochs: 1, batch: 6, learningRate: 0.01, seed: 1 };
  return prune({ tf, net, parameters, ...how, ...tuning });
}
