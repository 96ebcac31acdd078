import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../base/errors.ts';
import type { ClipSet } from '../../model/plan.ts';
import type { Parameters } from '../../tape/parameter.ts';
import { clipSetOf, SeenClips, unionOf } from '../data/clip-set.ts';
import type { Clip, Dataset } from '../data/dataset.ts';
import { TEST_FOLD } from '../data/listing.ts';
import { type Checkpoint, findCheckpoint, readCheckpoint, type Training } from './checkpoint.ts';
import type { TrainOptions } from './options.ts';
import { initialParameters } from './parameters.ts';
import { takeAll, takeFront } from './warm-start.ts';

/**
 * Clips of the folds trained on, and of the one held out; where none is, those of the data set's test split. A test or
 * validation split is never trained on.
 */
export function splitFolds(dataset: Dataset, heldOut: number | undefined) {
  const trainable = dataset.folds.filter((fold) => fold > TEST_FOLD);
  if (heldOut !== undefined && !trainable.includes(heldOut)) {
    throw new UserError('training', `the data set has no fold ${heldOut}`, {
      hint: `it has folds ${trainable.join(', ')}`,
    });
  }
  const folds = trainable.filter((fold) => fold !== heldOut);
  return {
    training: dataset.clips.filter((c) => folds.includes(c.fold)),
    heldOut: dataset.clips.filter((c) => c.fold === (heldOut ?? TEST_FOLD)),
    folds,
  };
}

/** A training of which nothing is done yet. */
function freshTraining(options: TrainOptions): Training {
  const { net, recipe, dataset, heldOut, teachers, front, start, command } = options;
  return {
    format: 'otolith-training',
    version: 1,
    net,
    labels: [...dataset.labels],
    recipe,
    folds: splitFolds(dataset, heldOut).folds,
    ...(heldOut === undefined ? {} : { heldOut }),
    dataset: options.datasetName,
    ...(teachers === undefined ? {} : { teachers: [...teachers] }),
    ...(front === undefined ? {} : { front }),
    ...(start === undefined ? {} : { start }),
    ...(command === undefined ? {} : { command }),
    epoch: 0,
    steps: 0,
    history: [],
  };
}

/** What two trainings must have in common for one to continue the other. */
const IDENTITY = ['net', 'labels', 'recipe', 'folds', 'teachers'] as const;

/** A checkpoint continues only the training it is of. @throws UserError `training` that names what differs */
function refuseOther(found: Training, wanted: Training, dir: string): void {
  // As they are stored: without what is undefined.
  const stored = (part: unknown): unknown => JSON.parse(JSON.stringify(part ?? null));
  const differ = IDENTITY.filter((k) => !isDeepStrictEqual(stored(found[k]), stored(wanted[k])));
  if (differ.length === 0) return;
  const what = `${dir} holds the checkpoint of another training (other ${differ.join(', ')})`;
  throw new UserError('training', what, {
    hint: 'give another --out, or remove that folder to start over',
  });
}

/** A checkpoint that says what it learnt from is continued with those clips. @throws UserError `training` */
function refuseOtherClips({ clips }: Training, wanted: readonly Clip[], dir: string): void {
  if (clips === undefined) return;
  const seen = new SeenClips(clips);
  const foreign = wanted.filter((clip) => !seen.has(clip));
  const [first] = foreign;
  if (first === undefined) return;
  const what = `${dir} holds the checkpoint of a training without ${foreign.length} of these ${wanted.length} clips (${first.name}, ...)`;
  throw new UserError('training', what, {
    hint: 'give another --out, or remove that folder to start over',
  });
}

/**
 * Where a training stands: at its checkpoint, or where it has just begun.
 * @param clips what it is trained on
 * @param taughtBy clips that its teachers had met
 * @throws UserError `training` if the checkpoint is of another training, or what it takes over does not fit
 */
export async function initialState(
  options: TrainOptions,
  clips: readonly Clip[],
  taughtBy: readonly (ClipSet | undefined)[],
): Promise<Checkpoint> {
  const fresh = freshTraining(options);
  const found = await findCheckpoint(join(options.dir, 'checkpoint.safetensors'));
  if (found !== undefined) {
    refuseOther(found.training, fresh, options.dir);
    refuseOtherClips(found.training, clips, options.dir);
    return found;
  }
  const { parameters, seen } = await parametersFor(options);
  const all = unionOf([clipSetOf(clips), ...seen, ...taughtBy]);
  const training = { ...fresh, ...(all === undefined ? {} : { clips: all }) };
  return { training, parameters, state: new Map() };
}

/** What a training without a checkpoint starts from. */
interface InitialParameters {
  readonly parameters: Parameters;
  /** Clips that the networks it takes over had met; undefined for each that does not say. */
  readonly seen: readonly (ClipSet | undefined)[];
}

/** Random numbers, or what other networks learnt. @throws UserError `training` if those do not fit */
async function parametersFor(options: TrainOptions): Promise<InitialParameters> {
  const { net, recipe, start, front, dataset } = options;
  const parameters = initialParameters(net, recipe.seed, recipe.weights);
  const seen: (ClipSet | undefined)[] = [];
  if (start !== undefined) {
    const from = await readCheckpoint(start);
    refuseOtherClasses(start, from.training, dataset.labels);
    takeAll(parameters, from);
    seen.push(from.training.clips);
  }
  if (front !== undefined) {
    const from = await readCheckpoint(front);
    takeFront(parameters, net, from);
    seen.push(from.training.clips);
  }
  return { parameters, seen };
}

/** Outputs mean nothing but in the order of the classes they were learnt for. @throws UserError `training` */
function refuseOtherClasses(path: string, { labels }: Training, wanted: readonly string[]): void {
  if (labels.join('\n') === wanted.join('\n')) return;
  const lacking = labels.filter((label) => !wanted.includes(label));
  const foreign = wanted.filter((label) => !labels.includes(label));
  const parts = [
    ...(lacking.length > 0 ? [`knows ${lacking.join(', ')}, which the data lack`] : []),
    ...(foreign.length > 0 ? [`does not know ${foreign.join(', ')}`] : []),
  ];
  const what = parts.length > 0 ? parts.join(', and ') : 'has its classes in another order';
  throw new UserError('training', `${path} ${what}`, {
    hint: 'start from a network of the same classes, or train one without --start',
  });
}
