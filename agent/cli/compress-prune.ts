import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import { prune } from '../lab/prune/prune.ts';
import { PRUNINGS } from '../lab/prune/rank.ts';
import { parseTarget } from '../lab/prune/target.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { readCheckpoint, writeCheckpoint } from '../lab/train/checkpoint.ts';
import { TRAINING_ENVIRONMENT } from '../lab/train/queue.ts';
import { costOf } from '../nets/cost.ts';
import { foldFolders } from './fold-folders.ts';

interface PruneFlags {
  readonly data: string;
  readonly out: string;
  readonly method: string;
  readonly target: string;
  readonly perRound: string;
  readonly tuneEpochs: string;
  readonly learningRate: string;
  readonly name: string;
}

const HELP = `
Removes whole channels, a few at a time with fine-tuning between, until the target is met; writes a smaller dense
network per fold. Methods: l0 (weights above the magnitude that 5 % reach), l2 (norm of the filter), taylor
(|output x gradient|), hybrid (95 % of weights zeroed by magnitude, then taylor: the paper's way). Train it on afterwards:

  otolith compress prune runs/acdnet --data esc10 --method hybrid --target channels=20% --out runs/pruned
  otolith train --data esc10 --start runs/pruned --folds 1,2,3,4,all --jobs 2 --out runs/micro
  otolith compress quantize runs/micro --data esc10 --name qmicro`;

/** `otolith compress prune` */
export function addPrune(compress: Command): void {
  compress
    .command('prune')
    .description('remove channels: float network -> smaller float network')
    .argument('<runs>', 'folder that otolith train wrote')
    .requiredOption('--data <dir>', 'the data set it was trained on')
    .requiredOption('--out <dir>', 'folder of the pruned networks')
    .requiredOption('--target <what>', 'channels=20%, parameters=130k, macs=14.3M or bytes=128.5k')
    .option('--method <how>', PRUNINGS.join(', '), 'hybrid')
    .option('--name <name>', 'name of the pruned network', 'pruned-acdnet')
    .option('--per-round <n>', 'channels that go at a time', '8')
    .option('--tune-epochs <n>', 'epochs of fine-tuning after each round', '1')
    .option('--learning-rate <x>', 'of the fine-tuning', '0.01')
    .addHelpText('after', HELP)
    .action(pruneRuns);
}

async function pruneRuns(runs: string, flags: PruneFlags): Promise<void> {
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
    const { training } = from;
    const small = prune({
      tf,
      net: { ...training.net, name: flags.name },
      parameters: from.parameters,
      clips: dataset.clips.filter((c) => training.folds.includes(c.fold)),
      method,
      target,
      perRound: Number(flags.perRound),
      tuneEpochs: Number(flags.tuneEpochs),
      batch: training.recipe.batch,
      learningRate: Number(flags.learningRate),
      seed: training.recipe.seed,
      onRound: (net, loss) => {
        const { parameters, macs } = costOf(net);
        const size = `${parameters} parameters, ${(macs / 1e6).toFixed(2)} M MACs`;
        console.log(`${basename(dir)}: ${size}, loss ${loss.toFixed(3)}`);
      },
    });
    const out = folders.length === 1 && dir === runs ? flags.out : join(flags.out, basename(dir));
    await mkdir(out, { recursive: true });
    const command = [training.command, `otolith ${process.argv.slice(2).join(' ')}`].join('\n');
    const path = join(out, 'network.safetensors');
    await writeCheckpoint(
      path,
      { ...training, net: small.net, command },
      small.parameters,
      new Map(),
    );
    console.log(path);
  }
}
