import { UserError } from '../../base/errors.ts';
import type { ClipSet } from '../../model/plan.ts';
import { SeenClips } from './clip-set.ts';
import type { Clip, Dataset } from './dataset.ts';
import { listClips } from './layout.ts';

/** What a network wants of data: its classes in its order, and its rate. */
export interface Wanted {
  readonly name: string;
  readonly labels: readonly string[];
  readonly sampleRate: number;
}

/** @throws UserError `data` that names the classes that differ, if a data set on disk lacks one of the network's. */
export async function refuseOtherClasses(
  network: Wanted,
  dir: string,
  group?: string,
): Promise<void> {
  const { clips } = await listClips(dir, group);
  refuseLacking(network, [...new Set(clips.map((c) => c.category))]);
}

/**
 * The clips of a network's classes, labelled in its order; those of other classes are left out.
 * @throws UserError `data` if the data set lacks a class or is at another rate
 */
export function labelledFor(network: Wanted, dataset: Dataset): Dataset {
  const { labels, name, sampleRate } = network;
  if (dataset.sampleRate !== sampleRate) {
    throw new UserError(
      'data',
      `${name} takes ${sampleRate} Hz, and the clips are at ${dataset.sampleRate} Hz`,
    );
  }
  if (dataset.labels.join('\n') === labels.join('\n')) return dataset;
  refuseLacking(network, dataset.labels);
  const order = dataset.labels.map((label) => labels.indexOf(label));
  const clips = dataset.clips
    .map((c) => ({ ...c, label: order[c.label] ?? -1 }))
    .filter((c) => c.label >= 0);
  return { ...dataset, labels, clips };
}

function refuseLacking({ name, labels }: Wanted, there: readonly string[]): void {
  const lacking = labels.filter((label) => !there.includes(label));
  if (lacking.length === 0) return;
  const others = there.filter((label) => !labels.includes(label));
  const instead =
    others.length === 0 ? '' : `; it has ${others.join(', ')}, which ${name} does not know`;
  throw new UserError('data', `the data set lacks ${lacking.join(', ')} of ${name}${instead}`, {
    hint: 'give the data set it was trained on',
  });
}

/** A network in training, as far as its data are concerned. */
interface Learner extends Wanted {
  readonly folds: readonly number[];
  /** What it has learnt from, if that is known. */
  readonly clips?: ClipSet | undefined;
}

/**
 * Those clips of a data set that a network was trained on: by what it says of them, else by their folds.
 * @throws UserError `data` if there are none: what follows would be calibrated or tuned on sounds it never met.
 */
export function learntFrom({ name, folds, clips }: Learner, dataset: Dataset): readonly Clip[] {
  const seen = clips === undefined ? undefined : new SeenClips(clips);
  const found = dataset.clips.filter((c) => seen?.has(c) ?? folds.includes(c.fold));
  if (found.length > 0) return found;
  throw new UserError('data', `none of these clips is one that ${name} was trained on`, {
    hint: 'give the data set it was trained on',
  });
}
