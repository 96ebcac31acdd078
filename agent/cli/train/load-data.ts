import { cacheFolder } from '../../base/root.ts';
import { type Dataset, type DatasetOptions, loadDataset } from '../../lab/data/dataset.ts';
import { withShare } from '../progress.ts';

/** Loads a data set with the progress of decoding shown, which takes long the first time. */
export function loadShown(options: Omit<DatasetOptions, 'cache' | 'onProgress'>): Promise<Dataset> {
  return withShare((show) =>
    loadDataset({
      ...options,
      cache: cacheFolder(),
      onProgress: (done, total) => show(done / total, `decoding clip ${done + 1} of ${total}`),
    }),
  );
}
