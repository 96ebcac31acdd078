import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import { trainingReport } from '../lab/report.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { type Epoch, readCheckpoint } from '../lab/train/checkpoint.ts';
import {
  type FoldChoice,
  foldDir,
  parseFolds,
  TRAINING_ENVIRONMENT,
  trainFolds,
} from '../lab/train/queue.ts';
import { RECIPES, type Recipe, recipeSchema } from '../lab/train/recipe.ts';
import { train } from '../lab/train/trainer.ts';
import { ACDNET_PRESETS, type AcdnetForm, acdnet } from '../nets/acdnet.ts';
import type { Net } from '../nets/graph.ts';
import type { AddCommand } from './command.ts';

interface TrainFlags {
  readonly data: string;
  readonly out: string;
  readonly name?: string;
  readonly net: string;
  readonly form: AcdnetForm;
  readonly channels?: string;
  readonly conv12?: string;
  readonly realConvs?: string;
  readonly classes?: string;
  readonly strict?: boolean;
  readonly folds: string;
  readonly jobs: string;
  readonly epochs?: string;
  readonly learningRate?: string;
  readonly batch: string;
  readonly schedule?: string;
  readonly seed: string;
  readonly teacher?: string;
  readonly distill?: string;
  readonly front?: string;
  readonly start?: string;
  readonly frontEpochs?: string;
  readonly mixtureEpochs?: string;
  readonly evaluateEvery: string;
}

const HELP = `
Trains a network on between-class mixtures and leaves, per fold, <out>/fold-<n>/network.safetensors (float) with
its curves (report.html). "--folds 1,2,3,4,all" leaves out each fold in turn and then trains on everything; the network after the
last epoch is the result, nothing is chosen by the fold left out. Killed at any time, the same command continues
from the last whole epoch. Needs TensorFlow: deploy/setup --lab.

  otolith train --data esc10 --net micro-acdnet --epochs 600 --folds 1,2,3,4,all --jobs 2 --out runs/micro
  otolith train --data esc10 --form residual --channels 8,16,16,32,32,32,32,64,64,96,96 --conv12 48 \\
      --teacher runs/micro --distill 0.7 --folds 1,2,3,4,all --jobs 2 --out runs/xnor

Then: otolith compress quantize | binarize | prune, otolith evaluate.`;

export const addTrain: AddCommand = (program) => {
  program
    .command('train')
    .description('train a network on a data set, fold by fold')
    .requiredOption('--data <dir>', 'ESC-50 layout, UrbanSound8K layout, or a folder per class')
    .requiredOption('--out <dir>', 'folder of the runs')
    .option(
      '--net <name>',
      `channel list: ${Object.keys(ACDNET_PRESETS).join(', ')}`,
      'micro-acdnet',
    )
    .option('--form <form>', 'real, paper (XNOR as published) or residual (XNOR)', 'real')
    .option('--channels <list>', 'channels of conv1..conv11, in place of --net')
    .option('--conv12 <n>', 'channels of conv12')
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
    .option('--teacher <runs>', 'runs of a float network to distil from, fold by fold')
    .option('--distill <share>', 'share of the target that comes from the teacher', '0.7')
    .option('--front <runs>', 'runs of a float network whose 1-D front is taken over')
    .option('--start <runs>', 'runs whose weights to begin with (a second stage)')
    .option('--front-epochs <n>', 'epochs in which the 1-D front learns (all; with --front none)')
    .option(
      '--mixture-epochs <n>',
      'epochs of different mixtures once the front stopped learning (all)',
    )
    .option('--evaluate-every <n>', 'epochs between looks at the fold left out (shown only)', '50')
    .addHelpText('after', HELP)
    .action(runTrain);
};

async function runTrain(flags: TrainFlags): Promise<void> {
  const folds = parseFolds(flags.folds);
  const [only] = folds;
  if (folds.length === 1 && only !== undefined) return trainHere(flags, only);
  const program = process.argv.slice(1, 2);
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
    onLine: (fold, line) => console.log(`${foldDir(fold)}: ${line}`),
  });
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
  const start = flags.start && join(flags.start, foldDir(fold), 'network.safetensors');
  // A second stage continues with the architecture it begins from, however that was made.
  const net = start
    ? (await readCheckpoint(start)).training.net
    : netOf(flags, dataset.labels.length);
  const recipe = recipeOf(flags);
  const dir = join(flags.out, foldDir(fold));
  const started = performance.now();
  const training = await train({
    tf,
    net,
    recipe,
    dataset,
    datasetName: `${dataset.clips.length} clips of ${dataset.labels.length} classes`,
    heldOut: fold === 'all' ? undefined : fold,
    dir,
    teacher: flags.teacher && join(flags.teacher, foldDir(fold), 'network.safetensors'),
    start,
    front: flags.front && join(flags.front, foldDir(fold), 'network.safetensors'),
    command: `otolith ${process.argv.slice(2).join(' ')}`,
    evaluateEvery: Number(flags.evaluateEvery),
    onEpoch: (epoch, soFar) => {
      printEpoch(epoch, recipe.epochs, started);
      if (epoch.epoch % 10 === 0 || epoch.epoch === recipe.epochs)
        writeFileSync(join(dir, 'report.html'), trainingReport(soFar));
    },
  });
  console.log(`done after ${training.epoch} epochs`);
}

let firstEpoch = 0;

function printEpoch(epoch: Epoch, total: number, started: number): void {
  firstEpoch ||= epoch.epoch;
  const each = (performance.now() - started) / 1000 / (epoch.epoch - firstEpoch + 1);
  const left = Math.round(((total - epoch.epoch) * each) / 60);
  const { heldOut } = epoch;
  const percent = (x: number): string => (100 * x).toFixed(2);
  const tested = heldOut
    ? `, held out ${percent(heldOut.accuracy)} % (10 crops) ${percent(heldOut.singleWindowAccuracy)} % (1)`
    : '';
  if (heldOut || epoch.epoch % 5 === 0 || epoch.epoch === firstEpoch)
    console.log(
      `epoch ${epoch.epoch}/${total} loss ${epoch.loss.toFixed(4)}, ${epoch.seconds.toFixed(2)} s, ` +
        `${left} min left${tested}`,
    );
}

function numbers(text: string, option: string): readonly number[] {
  return text.split(/[\s,]+/).map((word) => {
    const n = Number(word);
    if (Number.isInteger(n) && n > 0) return n;
    throw new UserError('option', `--${option}: "${word}" is not a whole number above 0`);
  });
}

function netOf(flags: TrainFlags, classes: number): Net {
  if (!['real', 'paper', 'residual'].includes(flags.form)) {
    throw new UserError('option', `--form ${flags.form} is none of real, paper, residual`);
  }
  const preset = ACDNET_PRESETS[flags.net as keyof typeof ACDNET_PRESETS];
  if (preset === undefined && flags.channels === undefined) {
    throw new UserError('option', `--net ${flags.net} is unknown`, {
      mend: `it is one of ${Object.keys(ACDNET_PRESETS).join(', ')}, or give --channels`,
    });
  }
  return acdnet({
    name: flags.name ?? `${flags.net}${flags.form === 'real' ? '' : `-${flags.form}`}`,
    channels: flags.channels ? numbers(flags.channels, 'channels') : preset.channels,
    conv12: flags.conv12 ? Number(flags.conv12) : preset?.conv12,
    classes,
    form: flags.form,
    realConvs: flags.realConvs ? numbers(flags.realConvs, 'real-convs') : undefined,
  });
}

function recipeOf(flags: TrainFlags): Recipe {
  const base = RECIPES[flags.form];
  const epochs = Number(flags.epochs ?? base.epochs);
  const parsed = recipeSchema.safeParse({
    ...base,
    epochs,
    frontEpochs: Number(flags.frontEpochs ?? (flags.front === undefined ? epochs : 0)),
    ...(flags.mixtureEpochs === undefined ? {} : { mixtureEpochs: Number(flags.mixtureEpochs) }),
    learningRate: Number(flags.learningRate ?? base.learningRate),
    batch: Number(flags.batch),
    schedule: flags.schedule ?? base.schedule,
    distill: flags.teacher === undefined ? 0 : Number(flags.distill),
    seed: Number(flags.seed),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError('option', `--${issue?.path.join('.')}: ${issue?.message}`);
}
