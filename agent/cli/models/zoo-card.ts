import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { type Evaluation, pooled } from '../../lab/evaluation/evaluation.ts';
import { cardOf } from '../../lab/zoo/card.ts';
import { trainingFacts } from '../../lab/zoo/training-facts.ts';
import type { EvaluationFacts, Figures } from '../../model/facts.ts';
import { formatModel, type Model, parseModel } from '../../model/model.ts';

/** A fold's result. */
export interface FoldResult {
  readonly fold: string;
  readonly evaluation: Evaluation;
}

/**
 * Copies the model trained on all folds into the zoo, with what is known of it in its file, and writes its card beside it.
 * @throws UserError `runs` if no network was trained on all folds.
 */
export async function addToZoo(
  runs: string,
  name: string,
  zoo: string,
  results: readonly FoldResult[],
  onTrained: Evaluation | undefined,
): Promise<void> {
  const file = join(runs, 'all', `${name}.safetensors`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UserError('runs', `${runs} has no ${name} that was trained on all folds`, {
      hint: 'otolith train --folds all, then otolith compress quantize | binarize',
      cause,
    });
  });
  const model = parseModel(new Uint8Array(bytes), file);
  const deployed = (model.metadata.provenance.command ?? '')
    .split('\n')
    .filter((l) => l.includes(' compress '));
  const commands = [...deployed, `otolith evaluate ${runs} --name ${name} --data esc10`];
  const training = await trainingFacts(join(runs, 'all', 'network.safetensors'), commands);
  const evaluation = evaluationFacts(results, onTrained);
  const { metadata, tensors } = model;
  await putIntoZoo(zoo, { metadata: { ...metadata, training, evaluation }, tensors });
}

/** Writes a model and the card that is made from its file. */
export async function putIntoZoo(
  zoo: string,
  model: Pick<Model, 'metadata' | 'tensors'>,
): Promise<void> {
  const { name } = model.metadata;
  const file = `${name}.safetensors`;
  const bytes = formatModel(model);
  const card = cardOf(parseModel(bytes, name), { name: file, bytes: bytes.length });
  await writeFile(join(zoo, file), bytes);
  await writeFile(join(zoo, `${name}.md`), card);
}

function evaluationFacts(
  results: readonly FoldResult[],
  onTrained: Evaluation | undefined,
): EvaluationFacts {
  const folds = results.map(({ fold, evaluation }) => ({ fold, ...figuresOf(evaluation) }));
  const together = results.length === 0 ? undefined : pooled(results.map((r) => r.evaluation));
  const interval = together?.interval ?? [0, 1];
  return {
    ...(together === undefined
      ? {}
      : {
          crossValidated: { folds, ...figuresOf(together), interval: [interval[0], interval[1]] },
        }),
    ...(onTrained === undefined ? {} : { onTrained: figuresOf(onTrained) }),
  };
}

function figuresOf({ clips, correct, accuracy, singleWindowAccuracy }: Evaluation): Figures {
  return { clips, correct, accuracy, singleWindowAccuracy };
}
