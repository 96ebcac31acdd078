import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import { trainingReport } from '../lab/report.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { readCheckpoint } from '../lab/train/checkpoint.ts';
import {
  type FoldChoice,
  foldDir,
  parseFolds,
  TRAINING_ENVIRONMENT,
  trainFolds,
} from '../lab/train/queue.ts';
import { train } from '../lab/train/trainer.ts';
import { NET_NAMES } from '../nets/names.ts';
import type { AddCommand } from './command.ts';
import { netOf, recipeOf, type TrainFlags } from './train-flags.ts';
import {
  type DisplayTarget,
  type EpochReport,
  epochReportSchema,
  type TrainingDisplay,
  trainingDisplay,
} from './training-display.ts';

const HELP = `
Trains a network on between-class mixtures and leaves, per fold, <out>/fold-<n>/network.safetensors (float) with
its curves (report.html). "--folds 1,2,3,4,all" leaves out each fold in turn and then trains on everything; the network after the
last epoch is the result, nothing is chosen by the fold left out. Killed at any time, the same command continues
from the last whole epoch. Needs TensorFlow: deploy/setup --lab.

  otolith train --data esc10 --net micro-acdnet --epochs 600 --folds 1,2,3,4,all --jobs 2 --out runs/micro
  otolith train --data esc10 --form residual --channels 8,16,16,32,32,32,32,64,64,96,96 --conv12 48 \\
      --teacher runs/micro --distill 0.7 --folds 1,2,3,4,all --jobs 2 --out runs/xnor
  otolith train --data esc10 --net mel-acdnet --form residual --teacher runs/micro,runs/mel --epochs 400 --batch 32 \\
      --mixture-epochs 100 --folds 1,2,3,4,all --jobs 2 --out runs/mel-xnor
  otolith train --data esc10 --net mel-lstm --units 64 --folds 1,2,3,4,all --jobs 2 --out runs/lstm

With --net mel-cnn, mel-acdnet or mel-lstm, networks of log-mel spectrograms. --mixture-epochs 40 then keeps the spectrograms
of 40 epochs of mixtures in memory (19 KB a window), and what teachers said of them, where computing that is the larger part
of a step. Several teachers count by their mean.

An XNOR network may learn in two stages, binary activations under real weights first, and end in averaged weights:

  otolith train --data esc10 --form residual --stage activations --epochs 240 --folds 1 --out runs/first
  otolith train --data esc10 --form residual --start runs/first --average 0.998 --folds 1 --out runs/second

Then: otolith compress quantize | binarize | prune, otolith evaluate.`;

export const addTrain: AddCommand = (program) => {
  program
    .command('train')
    .description('train a network on a data set, fold by fold')
    .requiredOption('--data <dir>', 'ESC-50 layout, UrbanSound8K layout, or a folder per class')
    .requiredOption('--out <dir>', 'folder of the runs')
    .option('--net <name>', NET_NAMES.join(', '), 'micro-acdnet')
    .option('--form <form>', 'real, paper (XNOR as published) or residual (XNOR)', 'real')
    .option(
      '--channels <list>',
      "channels of conv1..conv11 (mel-acdnet: conv3..conv11; mel-cnn: all), in place of --net's",
    )
    .option('--conv12 <n>', 'channels of conv12')
    .option('--units <n>', "units of mel-lstm's recurrent layer")
    .option('--real-convs <list>', 'convolutions that stay real in an XNOR network')
    .option('--name <name>', 'name of the network')
    .option('--classes <list>', 'S10 .. S50, or class names or numbers')
    .option('--strict', 'refuse a data set with a corrupt or empty clip')
    .option('--folds <list>', 'folds to leave out, or "all" to train on everything', 'all')
    .option('--jobs <n>', 'folds to train at once, one thread each', '1')
    .option('--epochs <n>', 'passes over the training clips')
    .option('--learning-rate <x>', 'in place of the recipe of the form')
    .option('--batch <n>', 'windows of one step', '64')
    .option('--schedule <s>', 'cosine or steps')
    .option('--seed <n>', 'same seed, same weights', '1')
    .option(
      '--teacher <runs>',
      'runs of float networks to distil from, fold by fold (their mean, where several: a,b)',
    )
    .option('--distill <share>', 'share of the target that comes from the teacher', '0.7')
    .option('--front <runs>', 'runs of a float network whose 1-D front is taken over')
    .option('--start <runs>', 'runs whose weights to begin with (a second stage)')
    .option('--front-epochs <n>', 'epochs in which the 1-D front learns (all; with --front none)')
    .option('--mixture-epochs <n>', 'epochs of different mixtures, which then come again (all)')
    .option(
      '--average <decay>',
      'give the moving average of all weights, which keeps this share at each step, e.g. 0.998',
    )
    .option('--stage <stage>', 'activations: the first of two stages of an XNOR network')
    .option('--evaluate-every <n>', 'epochs between looks at the fold left out (shown only)', '50')
    .addHelpText('after', HELP)
    .action(runTrain);
};

async function runTrain(flags: TrainFlags): Promise<void> {
  const folds = parseFolds(flags.folds);
  const [only] = folds;
  if (folds.length === 1 && only !== undefined) return trainHere(flags, only);
  const program = process.argv.slice(1, 2);
  const display = trainingDisplay(folds, here);
  try {
    await trainFolds({
      folds,
      jobs: Number(flags.jobs),
      // The last of a repeated option counts.
      command: (fold) => [
        process.execPath,
        ...process.execArgv,
        ...program,
        ...process.argv.slice(2),
        '--folds',
        `${fold}`,
      ],
      onLine: (fold, line) => display.line(fold, line),
      onMessage: (fold, message) => display.epoch(fold, epochReportSchema.parse(message)),
    });
  } finally {
    display.stop();
  }
}

const here: DisplayTarget = {
  stream: process.stderr,
  print: console.log,
  printsToTerminal: process.stdout.isTTY,
};

/** One of several folds leaves showing its progress to the process that started it. */
function displayHere(fold: FoldChoice): TrainingDisplay {
  const display = trainingDisplay([fold], here);
  if (process.send === undefined) return display;
  return { ...display, epoch: (_, report) => void process.send?.(report) };
}

async function trainHere(flags: TrainFlags, fold: FoldChoice): Promise<void> {
  Object.assign(process.env, TRAINING_ENVIRONMENT);
  const tf = await loadTensorflow();
  const dataset = await loadDataset({
    dir: flags.data,
    cache: cacheFolder(),
    classes: flags.classes,
    strict: flags.strict,
  });
  for (const line of dataset.skipped) console.error(`left out: ${line}`);
  const network = (runs: string): string => join(runs, foldDir(fold), 'network.safetensors');
  const start = flags.start && network(flags.start);
  // A second stage continues with the architecture it begins from, however that was made.
  const net = start
    ? (await readCheckpoint(start)).training.net
    : netOf(flags, dataset.labels.length);
  const recipe = recipeOf(flags, net);
  const dir = join(flags.out, foldDir(fold));
  const display = displayHere(fold);
  const report = reporter(recipe.epochs);
  const training = await train({
    tf,
    net,
    recipe,
    dataset,
    datasetName: `${dataset.clips.length} clips of ${dataset.labels.length} classes`,
    heldOut: fold === 'all' ? undefined : fold,
    dir,
    teachers: flags.teacher?.split(',').map(network),
    start,
    front: flags.front && network(flags.front),
    command: `otolith ${process.argv.slice(2).join(' ')}`,
    evaluateEvery: Number(flags.evaluateEvery),
    onEpoch: (epoch, soFar) => {
      display.epoch(fold, report(epoch));
      if (epoch.epoch % 10 === 0 || epoch.epoch === recipe.epochs)
        writeFileSync(join(dir, 'report.html'), trainingReport(soFar));
    },
  }).finally(() => display.stop());
  console.log(`done after ${training.epoch} epochs`);
}

/** Adds to each epoch how long the rest will take at the pace since the program began. */
function reporter(epochs: number): (epoch: EpochReport['epoch']) => EpochReport {
  const started = performance.now();
  let before: number | undefined;
  return (epoch) => {
    const first = before === undefined;
    before ??= epoch.epoch - 1;
    const each = (performance.now() - started) / 1000 / (epoch.epoch - before);
    return { epoch, epochs, secondsLeft: (epochs - epoch.epoch) * each, first };
  };
}
