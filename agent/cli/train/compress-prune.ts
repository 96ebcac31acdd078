import { basename, join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { makeFolder } from '../../base/folder.ts';
import { clipSetOf, unionOf } from '../../lab/data/clip-set.ts';
import type { Clip } from '../../lab/data/dataset.ts';
import { learntFrom } from '../../lab/data/for-network.ts';
import { prune } from '../../lab/prune/prune.ts';
import { PRUNINGS, type Pruning } from '../../lab/prune/prunings.ts';
import type { Shrunk } from '../../lab/prune/shrink.ts';
import { parseTarget, shareOfWay, type Target } from '../../lab/prune/target.ts';
import { type Checkpoint, type Training, writeCheckpoint } from '../../lab/train/checkpoint.ts';
import { TRAINING_ENVIRONMENT } from '../../lab/train/queue.ts';
import { costOf } from '../../nets/cost.ts';
import { isBinary } from '../../nets/traits.ts';
import { loadTensorflow, type Tf } from '../../tape/tensorflow.ts';
import { dataOf, networksOf, wantedBy } from '../models/network-data.ts';
import { type ShowShare, withShare } from '../progress.ts';

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
      hint: `it is one of ${PRUNINGS.join(', ')}`,
    });
  }
  const target = parseTarget(flags.target);
  const networks = await networksOf(runs, refuseBinary);
  Object.assign(process.env, TRAINING_ENVIRONMENT);
  const tf = await loadTensorflow();
  const data = dataOf(flags.data);
  for (const { dir, from } of networks) {
    const { training } = from;
    const clips = learntFrom({ ...training, ...wantedBy(training) }, await data(training));
    const small = await withShare((show) =>
      pruneOne({ tf, from, clips, method, target, flags, show, label: basename(dir) }),
    );
    const out = networks.length === 1 && dir === runs ? flags.out : join(flags.out, basename(dir));
    console.log(await writePruned(out, training, small, clips));
  }
}

/** @throws UserError `training`: signs are trained for the channels that there are */
function refuseBinary({ net }: Training, dir: string): void {
  if (!isBinary(net)) return;
  throw new UserError(
    'training',
    `${dir}: ${net.name} is an XNOR network, which cannot be pruned`,
    {
      hint: 'prune a float network, or train an XNOR network with fewer --channels',
    },
  );
}

interface OneFold {
  readonly tf: Tf;
  readonly from: Checkpoint;
  readonly clips: readonly Clip[];
  readonly method: Pruning;
  readonly target: Target;
  readonly flags: PruneFlags;
  readonly show: ShowShare;
  readonly label: string;
}

async function pruneOne({ tf, from, clips, method, target, flags, show, label }: OneFold) {
  const { training, parameters } = from;
  const full = { ...training.net, name: flags.name };
  return prune({
    tf,
    net: full,
    parameters,
    clips,
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

async function writePruned(
  out: string,
  training: Training,
  small: Shrunk,
  tunedOn: readonly Clip[],
): Promise<string> {
  await makeFolder(out);
  const command = [training.command, `otolith ${process.argv.slice(2).join(' ')}`].join('\n');
  const path = join(out, 'network.safetensors');
  const { clips: before, ...rest } = training;
  const clips = unionOf([before, clipSetOf(tunedOn)]);
  const pruned = { ...rest, net: small.net, command, ...(clips === undefined ? {} : { clips }) };
  await writeCheckpoint(path, pruned, small.parameters, new Map());
  return path;
}
