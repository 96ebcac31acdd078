import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VERSION } from '../../base/version.ts';
import { SeenClips } from '../../lab/data/clip-set.ts';
import type { Clip, Dataset } from '../../lab/data/dataset.ts';
import { labelledFor } from '../../lab/data/for-network.ts';
import { trainingReport } from '../../lab/report/report.ts';
import { readCheckpoint, type Training } from '../../lab/train/checkpoint.ts';
import { refuseInfeasible } from '../../lab/train/feasible.ts';
import { splitFolds } from '../../lab/train/initial-state.ts';
import {
  type FoldChoice,
  foldDir,
  isOneOfSeveral,
  TRAINING_ENVIRONMENT,
  trainFolds,
} from '../../lab/train/queue.ts';
import { train } from '../../lab/train/trainer.ts';
import type { Net } from '../../nets/graph.ts';
import { loadTensorflow } from '../../tape/tensorflow.ts';
import { EXIT } from '../failure.ts';
import { dataFor, wantedBy } from '../models/network-data.ts';
import { dataSummary, splitLines } from './data-summary.ts';
import { loadShown } from './load-data.ts';
import { netOf, recipeOf, type TrainFlags } from './train-flags.ts';
import {
  type DisplayTarget,
  type EpochReport,
  epochReportSchema,
  type TrainingDisplay,
  trainingDisplay,
} from './training-display.ts';
import { nextLines, pooledLines, resultLines } from './training-results.ts';

/** `otolith train` */
export async function runTrain(flags: TrainFlags): Promise<void> {
  const { folds } = flags;
  const [only = 'all'] = folds;
  const first = flags.start && (await readCheckpoint(networkIn(flags.start, only))).training;
  const dataset = await datasetOf(flags, first || undefined);
  if (!isOneOfSeveral()) {
    for (const line of dataSummary(flags.data, dataset)) console.log(line);
    for (const line of splitLines(dataset, folds)) console.log(line);
    const net = first ? first.net : netOf(flags, dataset.labels.length);
    for (const fold of folds) refuseFold(flags, net, dataset, fold);
  }
  if (folds.length === 1) return trainHere(flags, only, dataset);
  await trainInProcesses(flags);
  for (const line of await pooledLines(flags.out, folds)) console.log(line);
  const { training } = await readCheckpoint(networkIn(flags.out, only));
  for (const line of nextLines(flags.out, flags.data, training)) console.log(line);
}

/** The float network of a fold. */
function networkIn(runs: string, fold: FoldChoice): string {
  return join(runs, foldDir(fold), 'network.safetensors');
}

/** The classes that were asked for, else those of the network it begins with, else all. */
async function datasetOf(flags: TrainFlags, first: Training | undefined): Promise<Dataset> {
  const { data: dir, strict, group, classes } = flags;
  const where = { dir, strict, group };
  if (first !== undefined && classes === undefined) return dataFor(wantedBy(first), where);
  const dataset = await loadShown({ ...where, classes });
  // In the order that its outputs have; other classes are refused where the training begins.
  const same = first?.labels.length === dataset.labels.length;
  return first && same ? labelledFor(wantedBy(first), dataset) : dataset;
}

/** What cannot be trained is refused for all folds before one begins. */
function refuseFold(flags: TrainFlags, net: Net, dataset: Dataset, fold: FoldChoice): void {
  const heldOut = fold === 'all' ? undefined : fold;
  const { training: clips } = splitFolds(dataset, heldOut);
  refuseInfeasible({ net, labels: dataset.labels, batch: flags.batch, clips, heldOut });
}

async function trainInProcesses(flags: TrainFlags): Promise<void> {
  const { folds } = flags;
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
  if (!isOneOfSeveral()) return display;
  // The process that started this has ended: nobody waits for the rest, and the checkpoint is whole.
  process.once('disconnect', () => process.exit(EXIT.unread));
  process.channel?.unref(); // listening for that must not keep a process that is done
  return { ...display, epoch: (_, report) => void process.send?.(report) };
}

async function trainHere(flags: TrainFlags, fold: FoldChoice, dataset: Dataset): Promise<void> {
  Object.assign(process.env, TRAINING_ENVIRONMENT);
  const tf = await loadTensorflow();
  const network = (runs: string): string => networkIn(runs, fold);
  const start = flags.start && network(flags.start);
  // A second stage continues with the architecture it begins from, however that was made, and its classes.
  const first = start ? (await readCheckpoint(start)).training : undefined;
  const net = first?.net ?? netOf(flags, dataset.labels.length);
  const recipe = recipeOf(flags, net);
  const dir = join(flags.out, foldDir(fold));
  const heldOut = fold === 'all' ? undefined : fold;
  const display = displayHere(fold);
  const report = reporter(recipe.epochs);
  const writeReport = reportWriter(flags, dataset, fold);
  const training = await train({
    tf,
    net,
    recipe,
    dataset,
    datasetName: `${dataset.clips.length} clips of ${dataset.labels.length} classes`,
    heldOut,
    dir,
    teachers: flags.teacher?.split(',').map(network),
    start,
    front: flags.front && network(flags.front),
    command: `otolith ${process.argv.slice(2).join(' ')}`,
    evaluateEvery: flags.evaluateEvery,
    onEpoch: (epoch, soFar) => {
      display.epoch(fold, report(epoch));
      const look = epoch.heldOut !== undefined || epoch.epoch % 10 === 0;
      if (look || epoch.epoch === recipe.epochs) writeReport(soFar);
    },
  }).finally(() => display.stop());
  writeReport(training);
  console.log(`done after ${training.epoch} epochs`);
  for (const line of resultLines(dir, training)) console.log(line);
  for (const line of seenLines(training, splitFolds(dataset, heldOut).heldOut)) console.log(line);
  if (isOneOfSeveral()) return;
  for (const line of nextLines(flags.out, flags.data, training)) console.log(line);
}

/** What makes a figure less than it seems: what a network begins with or is taught by may know the clips left out. */
function seenLines({ clips }: Training, heldOut: readonly Clip[]): readonly string[] {
  if (clips === undefined) {
    return [
      'it will not say which clips it was trained on: it, or a network it took over, was begun before networks said so',
    ];
  }
  const set = new SeenClips(clips);
  const seen = heldOut.filter((clip) => set.has(clip)).length;
  if (seen === 0) return [];
  return [
    `${seen} of the ${heldOut.length} clips left out are among those that it, or a network it took over, was trained on: otolith evaluate leaves them out`,
  ];
}

/** Writes a fold's page again, with how far it is. */
function reportWriter(flags: TrainFlags, dataset: Dataset, fold: FoldChoice) {
  const { training, heldOut } = splitFolds(dataset, fold === 'all' ? undefined : fold);
  const context = {
    ...{ version: VERSION, data: resolve(flags.data) },
    dataLines: dataSummary(flags.data, dataset),
    clips: { training: training.length, heldOut: heldOut.length },
  };
  const path = join(flags.out, foldDir(fold), 'report.html');
  return (soFar: Training): void =>
    writeFileSync(path, trainingReport(soFar, { ...context, now: new Date() }));
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
