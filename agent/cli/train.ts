import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { loadDataset } from '../lab/data/dataset.ts';
import { trainingReport } from '../lab/report.ts';
import { loadTensorflow } from '../lab/tensorflow.ts';
import { readCheckpoint } from '../lab/train/checkpoint.ts';
import { type FoldChoice, foldDir, TRAINING_ENVIRONMENT, trainFolds } from '../lab/train/queue.ts';
import { train } from '../lab/train/trainer.ts';
import { netOf, recipeOf, type TrainFlags } from './train-flags.ts';
import {
  type DisplayTarget,
  type EpochReport,
  epochReportSchema,
  type TrainingDisplay,
  trainingDisplay,
} from './training-display.ts';

/** `otolith train` */
export async function runTrain(flags: TrainFlags): Promise<void> {
  const { folds } = flags;
  const [only] = folds;
  if (folds.length === 1 && only !== undefined) return trainHere(flags, only);
  const program = process.argv.slice(1, 2);
  const display = trainingDisplay(folds, here);
  try {
    await trainFolds({
      folds,
      jobs: flags.jobs,
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
    evaluateEvery: flags.evaluateEvery,
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
