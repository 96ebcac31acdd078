import { UserError } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import { metadataSchema } from '../../model/plan.ts';
import { formatSafetensors, parseSafetensors } from '../../model/safetensors.ts';
import { clipSetOf } from '../data/clip-set.ts';
import type { Dataset } from '../data/dataset.ts';
import { labelledFor } from '../data/for-network.ts';
import { trainingSchema } from '../train/checkpoint.ts';

const KEY = 'otolith';

/**
 * The file of a network, deployed or float, that says which clips of a data set it was trained on: those of its folds. For
 * networks made before they said so themselves. Nothing else in the file changes.
 * @throws UserError `model` or `data` if the file is no network, or the data set is not one of its classes and folds
 */
export function recordClips(file: Uint8Array, where: string, dataset: Dataset): Uint8Array {
  const { metadata, tensors } = parseSafetensors(file, where);
  const json = parseJson(metadata[KEY] ?? '');
  const model = metadataSchema.safeParse(json).data;
  const training = trainingSchema.safeParse(json).data;
  const recorded =
    (model && {
      ...model,
      provenance: { ...model.provenance, clips: of(model.provenance.folds, model) },
    }) ??
    (training && {
      ...training,
      clips: of(training.folds, { ...training, sampleRate: training.net.sampleRate }),
    });
  if (recorded === undefined) throw new UserError('model', `${where} is no network of otolith`);
  return formatSafetensors({ metadata: { ...metadata, [KEY]: JSON.stringify(recorded) }, tensors });

  function of(
    folds: readonly number[] = [],
    network: { labels: readonly string[]; sampleRate: number },
  ) {
    const { clips } = labelledFor({ ...network, name: where }, dataset);
    const lacking = folds.filter((fold) => !clips.some((c) => c.fold === fold));
    if (folds.length === 0 || lacking.length > 0) {
      throw new UserError('data', `the data set lacks folds ${lacking.join(', ')} of ${where}`, {
        hint: 'give the data set it was trained on',
      });
    }
    return clipSetOf(clips.filter((c) => folds.includes(c.fold)));
  }
}
