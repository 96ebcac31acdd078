import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { TEST_FOLD } from '../data/listing.ts';
import { readCheckpoint, type Training } from './checkpoint.ts';
import { initialParameters, type Parameters } from './parameters.ts';
import type { TrainOptions } from './trainer.ts';
import { takeAll, takeFront } from './warm-start.ts';

/**
 * Clips of the folds trained on, and of the one held out; where none is, those of the data set's test split. A test or
 * validation split is never trained on.
 */
export function splitFolds(dataset: Dataset, heldOut: number | undefined) {
  const trainable = dataset.folds.filter((fold) => fold > TEST_FOLD);
  if (heldOut !== undefined && !trainable.includes(heldOut)) {
    throw new UserError('training', `the data set has no fold ${heldOut}`, {
      mend: `it has folds ${trainable.join(', ')}`,
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
export function freshTraining(options: TrainOptions): Training {
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
export function refuseOther(found: Training, wanted: Training, dir: string): void {
  // As they are stored: without what is undefined.
  const stored = (part: unknown): unknown => JSON.parse(JSON.stringify(part ?? null));
  const differ = IDENTITY.filter((k) => !isDeepStrictEqual(stored(found[k]), stored(wanted[k])));
  if (differ.length === 0) return;
  const what = `${dir} holds the checkpoint of another training (other ${differ.join(', ')})`;
  throw new UserError('training', what, {
    mend: 'give another --out, or remove that folder to start over',
  });
}

/** What a training without a checkpoint begins with: random numbers, or what other networks learnt. */
export async function firstParameters({
  net,
  recipe,
  start,
  front,
}: TrainOptions): Promise<Parameters> {
  const parameters = initialParameters(net, recipe.seed, recipe.weights);
  if (start !== undefined) takeAll(parameters, await readCheckpoint(start));
  if (front !== undefined) takeFront(parameters, net, await readCheckpoint(front));
  return parameters;
}
