import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { cacheFolder } from '../../base/root.ts';
import type { Clip, Dataset } from '../../lab/data/dataset.ts';
import { foldName, foldsToMeasure, TEST_FOLD, VALIDATION_FOLD } from '../../lab/data/listing.ts';
import {
  honest,
  pooledFigures,
  type SeenFigures,
  seenFigures,
} from '../../lab/evaluation/seen-figures.ts';
import { type Model, readModel } from '../../model/model.ts';
import { existingModelPath } from '../../run/network-files.ts';
import { modelOf } from '../boards/board-context.ts';
import { withProgress } from '../progress.ts';
import { leftOutLines } from '../train/data-summary.ts';
import { deployedNames, foldFolders } from '../train/fold-folders.ts';
import { loadShown } from '../train/load-data.ts';
import { evaluationJson, evaluationText, figuresLine } from './evaluate-report.ts';
import { WindowScores } from './window-scores.ts';
import { addToZoo, type FoldResult } from './zoo-card.ts';

export interface EvaluateFlags {
  readonly data: string;
  readonly classes?: string;
  readonly folds?: readonly (number | 'test' | 'validation')[];
  readonly name?: string;
  readonly strict?: boolean;
  readonly group?: string;
  readonly zoo?: string;
  readonly scores?: string;
  readonly json?: boolean;
}

/** What a command found out about a model. */
interface Result {
  readonly model: string;
  readonly labels: readonly string[];
  readonly skipped: number;
  readonly figures: SeenFigures;
}

/** `otolith evaluate` */
export async function runEvaluate(path: string, flags: EvaluateFlags): Promise<void> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) existingModelPath(path);
  const result = isFolder ? await crossValidated(path, flags) : await single(path, flags);
  const { model, labels, skipped, figures } = result;
  if (flags.json) {
    const report = evaluationJson(figures);
    console.log(JSON.stringify({ model, data: flags.data, labels, ...report, skipped }));
  } else for (const text of evaluationText(model, labels, figures)) console.log(text);
}

/** The data set at the rate of a model. */
async function dataFor(model: Model, flags: EvaluateFlags): Promise<Dataset> {
  const { classes, strict, group, data: dir } = flags;
  const { sampleRate } = model.metadata;
  const dataset = await loadShown({ dir, classes, strict, group, sampleRate });
  for (const line of leftOutLines(dataset)) console.error(line);
  return dataset;
}

/** Clips of the chosen folds, labelled by the model's own order of classes. */
function clipsFor(model: Model, dataset: Dataset, folds: readonly number[]): readonly Clip[] {
  const { labels, name, sampleRate } = model.metadata;
  if (sampleRate !== dataset.sampleRate) {
    throw new UserError(
      'model',
      `${name} takes ${sampleRate} Hz, the networks before it ${dataset.sampleRate}`,
      {
        hint: 'evaluate networks of one rate together',
      },
    );
  }
  const order = dataset.labels.map((label) => labels.indexOf(label));
  const unknown = dataset.labels.filter((_, i) => (order[i] ?? -1) < 0);
  if (unknown.length > 0) {
    throw new UserError('data', `${name} does not know ${unknown.join(', ')}`, {
      hint: `it knows ${labels.join(', ')}; choose with --classes`,
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
        hint: `it has ${dataset.folds.map(foldName).join(', ')}`,
      });
    }
  }
  return wanted;
}

async function single(nameOrPath: string, flags: EvaluateFlags): Promise<Result> {
  const model = await modelOf(nameOrPath);
  const dataset = await dataFor(model, flags);
  const clips = clipsFor(model, dataset, foldsOf(flags, dataset));
  const scores = flags.scores === undefined ? undefined : new WindowScores(model, flags.scores);
  await scores?.start();
  const figures = await shown(model, clips, scores);
  await scores?.write(clips);
  const { name, labels } = model.metadata;
  return { model: name, labels, skipped: dataset.skipped.length, figures };
}

/** What one fold's model is measured by. */
interface Measured {
  readonly folds: readonly number[];
  readonly figures: SeenFigures;
}

/** Each fold's model on the folds it was not trained on. */
async function crossValidated(runs: string, flags: EvaluateFlags): Promise<Result> {
  if (flags.scores !== undefined) {
    throw new UserError('option', '--scores is of one network', {
      hint: `name the file of a fold's network in place of ${runs}`,
    });
  }
  const name = flags.name ?? (await refuseNameless(runs, flags));
  const file = `${name}.safetensors`;
  const models: Model[] = [];
  for (const dir of await foldFolders(runs, file)) models.push(await readModel(join(dir, file)));
  const [first] = models;
  if (first === undefined) throw new Error('a folder of runs without models');
  const dataset = await dataFor(first, flags);
  const measured: Measured[] = [];
  for (const model of models) {
    const one = await leftOut(model, flags, dataset);
    if (one === undefined) continue;
    if (!flags.json) console.log(`${one.folds.map(foldName).join(', ')}: ${foldLine(one.figures)}`);
    measured.push(one);
  }
  const found = { model: name, labels: first.metadata.labels, skipped: dataset.skipped.length };
  if (flags.zoo !== undefined) {
    const onTrained = measured.length > 0 ? undefined : await onTrainedClips(runs, file, dataset);
    await addToZoo(runs, name, flags.zoo, foldResults(measured), onTrained?.all);
    if (onTrained !== undefined) return { ...found, figures: onTrained };
  }
  if (measured.length === 0) {
    throw new UserError('runs', `no ${file} under ${runs} left out a fold`, {
      hint: `otolith evaluate ${join(runs, 'all', file)} says whether it learnt`,
    });
  }
  return { ...found, figures: pooledFigures(measured.map((m) => m.figures)) };
}

/** @throws UserError `option` that lists the names there are */
async function refuseNameless(runs: string, flags: EvaluateFlags): Promise<never> {
  const names = await deployedNames(runs);
  const hint =
    names.length > 0
      ? `give --name with one of its models: ${names.join(', ')}`
      : `quantize its networks first: otolith compress quantize ${runs} --data ${flags.data} --name <name>`;
  throw new UserError('option', `${runs} is a folder of runs`, { hint });
}

async function leftOut(
  model: Model,
  flags: EvaluateFlags,
  dataset: Dataset,
): Promise<Measured | undefined> {
  const trainedOn = model.metadata.provenance.folds ?? [];
  const notTrainedOn = foldsOf(flags, dataset).filter((f) => !trainedOn.includes(f));
  const folds = flags.folds === undefined ? foldsToMeasure(notTrainedOn) : notTrainedOn;
  if (folds.length === 0) return undefined;
  return { folds, figures: await shown(model, clipsFor(model, dataset, folds)) };
}

function foldLine(figures: SeenFigures): string {
  const reported = honest(figures);
  const { all, seen = 0 } = figures;
  if (reported === undefined) return `all ${all.clips} clips were in its training`;
  return `${figuresLine(reported)}${seen > 0 ? `, ${seen} clips that were in its training left out` : ''}`;
}

/** What a card may say of the folds: clips that a fold's model had learnt from do not count. */
function foldResults(measured: readonly Measured[]): readonly FoldResult[] {
  return measured.flatMap(({ folds, figures }) => {
    const evaluation = honest(figures);
    return evaluation === undefined
      ? []
      : [{ fold: folds.map((f) => (f > 0 ? `${f}` : foldName(f))).join(', '), evaluation }];
  });
}

/** The model of all folds on the clips it was trained on: says whether it learnt, not what it knows. */
async function onTrainedClips(runs: string, file: string, dataset: Dataset): Promise<SeenFigures> {
  const model = await readModel(join(runs, 'all', file));
  return shown(model, clipsFor(model, dataset, dataset.folds));
}

function shown(model: Model, clips: readonly Clip[], scores?: WindowScores): Promise<SeenFigures> {
  if (clips.length === 0) throw new UserError('data', 'there are no clips to evaluate on');
  return withProgress(clips.length, (step) =>
    seenFigures(model, clips, cacheFolder(), {
      onClip: (clip) => step(clip.name),
      onScores: (clip, of) => scores?.add(clip, of),
    }),
  );
}
