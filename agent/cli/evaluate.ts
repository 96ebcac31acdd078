import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../engine/cache.ts';
import { UserError } from '../errors.ts';
import type { Clip, Dataset } from '../lab/data/dataset.ts';
import { foldName, foldsToMeasure, TEST_FOLD, VALIDATION_FOLD } from '../lab/data/listing.ts';
import { evaluateModel } from '../lab/deploy/evaluate-model.ts';
import { type Evaluation, pooled } from '../lab/evaluate.ts';
import { type Model, readModel } from '../model/model.ts';
import { existingModelPath } from '../run/network-files.ts';
import { modelOf } from './board-site.ts';
import { leftOutLines } from './data-summary.ts';
import { deployedNames, foldFolders } from './fold-folders.ts';
import { loadShown } from './load-data.ts';
import { withProgress } from './progress.ts';
import { addToZoo, type FoldResult } from './zoo-card.ts';

export interface EvaluateFlags {
  readonly data: string;
  readonly classes?: string;
  readonly folds?: readonly (number | 'test' | 'validation')[];
  readonly name?: string;
  readonly strict?: boolean;
  readonly group?: string;
  readonly zoo?: string;
  readonly json?: boolean;
}

/** `otolith evaluate` */
export async function runEvaluate(path: string, flags: EvaluateFlags): Promise<void> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) existingModelPath(path);
  const { classes, strict, group } = flags;
  const dataset = await loadShown({ dir: flags.data, classes, strict, group });
  for (const line of leftOutLines(dataset)) console.error(line);
  const { model, labels, evaluation } = isFolder
    ? await crossValidated(path, flags, dataset)
    : await single(path, flags, dataset);
  if (flags.json) {
    const { interval, ...rest } = evaluation;
    console.log(
      JSON.stringify({
        model,
        data: flags.data,
        labels,
        ...rest,
        wilson95: interval,
        skipped: dataset.skipped.length,
      }),
    );
  } else printEvaluation(model, labels, evaluation);
}

/** Clips of the chosen folds, labelled by the model's own order of classes. */
function clipsFor(model: Model, dataset: Dataset, folds: readonly number[]) {
  const { labels, name } = model.metadata;
  const order = dataset.labels.map((label) => labels.indexOf(label));
  const unknown = dataset.labels.filter((_, i) => (order[i] ?? -1) < 0);
  if (unknown.length > 0) {
    throw new UserError('data', `${name} does not know ${unknown.join(', ')}`, {
      mend: `it knows ${labels.join(', ')}; choose with --classes`,
    });
  }
  const clips = dataset.clips.filter((c) => folds.includes(c.fold));
  return clips.map((c) => ({ ...c, label: order[c.label] ?? 0 }));
}

function foldsOf(flags: EvaluateFlags, dataset: Dataset): readonly number[] {
  if (flags.folds === undefined) return dataset.folds;
  const wanted = flags.folds.map((fold) => {
    if (fold === 'test') return TEST_FOLD;
    return fold === 'validation' ? VALIDATION_FOLD : fold;
  });
  for (const fold of wanted) {
    if (!dataset.folds.includes(fold)) {
      throw new UserError('data', `the data set has no ${foldName(fold)}`, {
        mend: `it has ${dataset.folds.map(foldName).join(', ')}`,
      });
    }
  }
  return wanted;
}

async function single(nameOrPath: string, flags: EvaluateFlags, dataset: Dataset) {
  const model = await modelOf(nameOrPath);
  const clips = clipsFor(model, dataset, foldsOf(flags, dataset));
  const evaluation = await evaluateShown(model, clips);
  return { model: model.metadata.name, labels: model.metadata.labels, evaluation };
}

/** Each fold's model on the folds it was not trained on. */
async function crossValidated(runs: string, flags: EvaluateFlags, dataset: Dataset) {
  if (flags.name === undefined) {
    const names = await deployedNames(runs);
    const mend =
      names.length > 0
        ? `give --name with one of its models: ${names.join(', ')}`
        : `quantize its networks first: otolith compress quantize ${runs} --data ${flags.data} --name <name>`;
    throw new UserError('option', `${runs} is a folder of runs`, { mend });
  }
  const file = `${flags.name}.safetensors`;
  const results: FoldResult[] = [];
  let labels = dataset.labels;
  for (const dir of await foldFolders(runs, file)) {
    const model = await readModel(join(dir, file));
    labels = model.metadata.labels;
    const trainedOn = model.metadata.provenance.folds ?? [];
    const notTrainedOn = foldsOf(flags, dataset).filter((f) => !trainedOn.includes(f));
    const unseen = flags.folds === undefined ? foldsToMeasure(notTrainedOn) : notTrainedOn;
    if (unseen.length === 0) continue;
    const evaluation = await evaluateShown(model, clipsFor(model, dataset, unseen));
    const fold = unseen.join(', ');
    if (!flags.json) console.log(`fold ${fold}: ${line(evaluation)}`);
    results.push({ fold, evaluation });
  }
  if (flags.zoo !== undefined) {
    const onTrained = results.length > 0 ? undefined : await onTrainedClips(runs, file, dataset);
    await addToZoo(runs, flags.name, flags.zoo, results, onTrained);
    if (onTrained !== undefined) return { model: flags.name, labels, evaluation: onTrained };
  }
  if (results.length === 0) throw new UserError('runs', `no ${file} under ${runs} left out a fold`);
  return { model: flags.name, labels, evaluation: pooled(results.map((r) => r.evaluation)) };
}

/** The model of all folds on the clips it was trained on: says whether it learnt, not what it knows. */
async function onTrainedClips(runs: string, file: string, dataset: Dataset): Promise<Evaluation> {
  const model = await readModel(join(runs, 'all', file));
  return evaluateShown(model, clipsFor(model, dataset, dataset.folds));
}

function evaluateShown(model: Model, clips: readonly Clip[]): Promise<Evaluation> {
  return withProgress(clips.length, (step) =>
    evaluateModel(model, clips, cacheFolder(), (done) => step(clips[done]?.name ?? '')),
  );
}

const percent = (x: number): string => (100 * x).toFixed(2);

function line(e: Evaluation): string {
  return (
    `${e.correct}/${e.clips} = ${percent(e.accuracy)} % (10 crops), ` +
    `${percent(e.singleWindowAccuracy)} % (single window)`
  );
}

function printEvaluation(model: string, labels: readonly string[], e: Evaluation): void {
  const [low, high] = e.interval;
  console.log(`${model}: ${line(e)}, 95 % interval ${percent(low)} to ${percent(high)} %`);
  const width = Math.max(...labels.map((l) => l.length));
  e.confusion.forEach((row, i) => {
    const counts = row.map((n) => (n === 0 ? '.' : `${n}`).padStart(4)).join('');
    const label = (labels[i] ?? '').padEnd(width);
    console.log(`${label} ${counts}   recall ${percent(e.recall[i] ?? 0)} %`);
  });
}
