import { join } from 'node:path';
import type { Dataset, DatasetOptions } from '../../lab/data/dataset.ts';
import { labelledFor, refuseOtherClasses, type Wanted } from '../../lab/data/for-network.ts';
import { type Checkpoint, readCheckpoint, type Training } from '../../lab/train/checkpoint.ts';
import { foldFolders } from '../train/fold-folders.ts';
import { loadShown } from '../train/load-data.ts';

/** A fold's float network, in its folder. */
export interface FoldNetwork {
  readonly dir: string;
  readonly from: Checkpoint;
}

/**
 * The float networks under a folder of runs, each as `check` lets it pass: what is wrong with one is said before any
 * work is done on another.
 */
export async function networksOf(
  runs: string,
  check: (training: Training, dir: string) => void,
): Promise<readonly FoldNetwork[]> {
  const found: FoldNetwork[] = [];
  for (const dir of await foldFolders(runs, 'network.safetensors')) {
    const from = await readCheckpoint(join(dir, 'network.safetensors'));
    check(from.training, dir);
    found.push({ dir, from });
  }
  return found;
}

/** What a network in training wants of data. */
export function wantedBy({ net, labels }: Training): Wanted {
  return { name: net.name, labels, sampleRate: net.sampleRate };
}

type Where = Omit<DatasetOptions, 'classes' | 'sampleRate' | 'cache' | 'onProgress'>;

/** The clips of a network's classes, at its rate and labelled in its order. @throws UserError `data` if a class lacks */
export async function dataFor(wanted: Wanted, where: Where): Promise<Dataset> {
  await refuseOtherClasses(wanted, where.dir, where.group);
  const { labels: classes, sampleRate } = wanted;
  return labelledFor(wanted, await loadShown({ ...where, classes, sampleRate }));
}

/** Gives the data of one network after another, and loads them again only where classes or rate are others. */
export function dataOf(dir: string): (training: Training) => Promise<Dataset> {
  let last: { readonly key: string; readonly dataset: Dataset } | undefined;
  return async (training) => {
    const wanted = wantedBy(training);
    const key = JSON.stringify([wanted.labels, wanted.sampleRate]);
    if (last?.key !== key) last = { key, dataset: await dataFor(wanted, { dir }) };
    return last.dataset;
  };
}
