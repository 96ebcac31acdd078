import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import { type Dataset, loadDataset } from '../lab/data/dataset.ts';
import { prune } from '../lab/prune/prune.ts';
import { PRUNINGS, type Pruning } from '../lab/prune/rank.ts';
import type { Shrunk } from '../lab/prune/shrink.ts';
import { parseTarget, shareOfWay, type Target } from '../lab/prune/target.ts';
import { loadTensorflow, type Tf } from '../lab/tensorflow.ts';
import {
  type Checkpoint,
  readCheckpoint,
  type Training,
  writeCheckpoint,
} from '../lab/train/checkpoint.ts';
import { TRAINING_ENVIRONMENT } from '../lab/train/queue.ts';
import { costOf } from '../nets/cost.ts';
import { foldFolders } from './fold-folders.ts';
import { type ShowShare, withShare } from './progress.ts';

export interface PruneFlags {
  readonly data: string;
  readonly out: string;
  readonly method: string;
  readonly target: string;
  readonly perRound: number;
  readonly tuneEpochs: number;
  readonly learningRate: number;
  readonly name: string;
}

/** `otolith compress prune` */
export async function pruneRuns(runs: string, flags: PruneFlags): Promise<void> {
  const method = PRUNINGS.find((m) => m === flags.method);
  if (method === undefined) {
    throw new UserError('option', `--method ${flags.method} is unknown`, {
      mend: `it is one of ${PRUNINGS.join(', ')}`,
    });
  }
  const target = parseTarget(flags.target);
  Object.assign(process.env, TRAINING_ENVIRONMENT);
  const tf = await loadTensorflow();
  const dataset = await loadDataset({ dir: flags.data, cache: cacheFolder() });
  const folders = await foldFolders(runs, 'network.safetensors');
  for (const dir of folders) {
    const from = await readCheckpoint(join(dir, 'network.safetensors'));
    const small = await withShare((show) =>
      pruneOne({ tf, from, dataset, method, target, flags, show, label: basename(dir) }),
    );
    const out = folders.length === 1 && dir === runs ? flags.out : join(flags.out, basename(dir));
    console.log(await writePruned(out, from.training, small));
  }
}

interface OneFold {
  readonly tf: Tf;
  readonly from: Checkpoint;
  readonly dataset: Dataset;
  readonly method: Pruning;
  readonly target: Target;
  readonly flags: PruneFlags;
  readonly show: ShowShare;
  readonly label: string;
}

async function pruneOne({ tf, from, dataset, method, target, flags, show, label }: OneFold) {
  const { training, parameters } = from;
  const full = { ...training.net, name: flags.name };
  return prune({
    tf,
    net: full,
    parameters,
    clips: dataset.clips.filter((c) => training.folds.includes(c.fold)),
    method,
    target,
    perRound: flags.perRound,
    tuneEpochs: flags.tuneEpochs,
    batch: training.recipe.batch,
    learningRate: flags.learningRate,
    seed: training.recipe.seed,
    onRound: (net, loss) => {
      const cost = costOf(net);
      const size = `${cost.parameters} parameters, ${(cost.macs / 1e6).toFixed(2)} M MACs`;
      const what = `${label}: ${size}, loss ${loss.toFixed(3)}`;
      show(shareOfWay(net, full, target), what);
      if (!process.stderr.isTTY) console.log(what);
    },
  });
}

async function writePruned(out: string, training: Training, small: Shrunk): Promise<string> {
  await mkdir(out, { recursive: true });
  const command = [training.command, `otolith ${process.argv.slice(2).join(' ')}`].join('\n');
  const path = join(out, 'network.safetensors');
  const pruned = { ...training, net: small.net, command };
  await writeCheckpoint(path, pruned, small.parameters, new Map());
  return path;
}
