import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { cardOf, stagesOf } from '../lab/card.ts';
import type { Evaluation } from '../lab/evaluate.ts';
import { pooled } from '../lab/evaluate.ts';
import { readCheckpoint } from '../lab/train/checkpoint.ts';
import { parseModel, tensorBytes } from '../model/model.ts';

/** A fold's result, and the folder of its run. */
export interface FoldResult {
  readonly fold: string;
  readonly evaluation: Evaluation;
}

/**
 * Copies the model trained on all folds into the zoo and writes its card beside it.
 * @throws UserError `runs` if no network was trained on all folds.
 */
export async function addToZoo(
  runs: string,
  name: string,
  zoo: string,
  results: readonly FoldResult[],
  onTrained: Evaluation | undefined,
): Promise<void> {
  const network = join(runs, 'all', 'network.safetensors');
  const file = join(runs, 'all', `${name}.safetensors`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UserError('runs', `${runs} has no ${name} that was trained on all folds`, {
      mend: 'otolith train --folds all, then otolith compress quantize | binarize',
      cause,
    });
  });
  const model = parseModel(new Uint8Array(bytes), file);
  const { training } = await readCheckpoint(network);
  const deployed = (model.metadata.provenance.command ?? '')
    .split('\n')
    .filter((l) => l.includes(' compress '));
  const card = cardOf({
    name,
    file: `${name}.safetensors`,
    bytes: bytes.length,
    tensorBytes: tensorBytes(model),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    labels: model.metadata.labels,
    net: training.net,
    stages: await stagesOf(network),
    commands: [...deployed, `otolith evaluate ${runs} --name ${name} --data esc10`],
    folds: training.folds,
    crossValidated: results,
    onTrained,
    pooled: results.length === 0 ? undefined : pooled(results.map((r) => r.evaluation)),
  });
  await writeFile(join(zoo, `${name}.safetensors`), bytes);
  await writeFile(join(zoo, `${name}.md`), card);
}
