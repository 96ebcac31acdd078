import { expect, it } from 'vitest';
import { DEFAULT_NETWORKS } from '../config/schema.ts';
import type { EvaluationFacts } from '../model/facts.ts';
import { buildModel, readModel } from '../model/model.ts';
import { bestOf } from './best.ts';
import type { NamedModel } from './network.ts';
import { pairsOf } from './pairs.ts';
import { modelPath } from './zoo.ts';

const QMICRO = 'qmicro-acdnet-esc10';
const XNOR = 'xnor-esc10';

/** A cross-validation with so many of 100 clips right. */
function validated(correct: number): EvaluationFacts {
  const of = { clips: 100, correct, accuracy: correct / 100, singleWindowAccuracy: 0.5 };
  return { crossValidated: { folds: [{ fold: '1', ...of }], ...of, interval: [0, 1] } };
}

/** Two networks that ship, with these figures in their files. */
async function networks(
  int8: EvaluationFacts | undefined,
  xnor: EvaluationFacts | undefined,
  labels?: string[],
): Promise<readonly NamedModel[]> {
  const load = async (
    name: string,
    file: string,
    evaluation: EvaluationFacts | undefined,
    other?: string[],
  ) => {
    const { metadata, tensors } = await readModel(modelPath(file));
    const { evaluation: _, ...rest } = metadata;
    const changed = {
      ...rest,
      labels: other ?? metadata.labels,
      ...(evaluation && { evaluation }),
    };
    return { name, model: buildModel(changed, tensors) };
  };
  return [await load('qmicro', QMICRO, int8), await load('xnor', XNOR, xnor, labels)];
}

it('the best network is the most accurate by the figures in the files', async () => {
  const best = bestOf(await networks(validated(90), validated(91)));
  expect(best.network.name).toBe('xnor');
  expect(best.line).toBe('best: xnor, of 90.0 % (qmicro), 91.0 % (xnor) cross-validated');
  const other = bestOf(await networks(validated(91), validated(90)));
  expect(other.network.name).toBe('qmicro');
});

it('and where that says nothing the smallest, with the reason', async () => {
  const tie = bestOf(await networks(validated(90), validated(90)));
  expect(tie.network.name).toBe('xnor');
  expect(tie.line).toMatch(/the smallest of the best, of 90.0 %/);
  const silent = bestOf(await networks(validated(99), undefined));
  expect(silent.network.name).toBe('xnor');
  expect(silent.line).toBe(
    'best: xnor, the smallest: no cross-validated accuracy in the file of xnor',
  );
  const other = [...'abcdefghij'];
  const tasks = bestOf(await networks(validated(99), validated(90), other));
  expect(tasks.line).toMatch(/the smallest: their classes or windows differ/);
});

it('of ten networks too, the smallest of those that lead', async () => {
  const [qmicro, xnor] = await networks(validated(90), validated(91));
  if (qmicro === undefined || xnor === undefined) throw new Error('no networks');
  const ten = Array.from({ length: 8 }, (_, i) => ({ ...qmicro, name: `q${i}` }));
  const big = {
    ...xnor,
    name: 'big',
    model: { ...xnor.model, tensors: new Map([...xnor.model.tensors, ...qmicro.model.tensors]) },
  };
  expect(bestOf([...ten, big, xnor]).network.name).toBe('xnor');
  expect(bestOf([qmicro]).line).toBe('best: there is one network');
});

it('the networks that ship bring their cross-validation', async () => {
  for (const [name, correct] of [
    [QMICRO, 291],
    [XNOR, 292],
  ] as const) {
    const { metadata } = await readModel(modelPath(name));
    const { crossValidated } = metadata.evaluation ?? {};
    expect(crossValidated).toMatchObject({ clips: 320, correct, accuracy: correct / 320 });
    expect(crossValidated?.folds.map((f) => f.fold)).toEqual(['1', '2', '3', '4']);
    const [low = 0, high = 0] = crossValidated?.interval ?? [];
    expect(low).toBeGreaterThan(0.87);
    expect(high).toBeLessThan(0.94);
  }
});

it('of the networks that run by default, the two on the same spectrogram are compared', async () => {
  const shipped = await Promise.all(
    DEFAULT_NETWORKS.map(async ({ name, model }) => ({
      name,
      model: await readModel(modelPath(model)),
    })),
  );
  expect(pairsOf(shipped, undefined)).toEqual([['mel', 'xnor']]);
  expect(bestOf(shipped).network.name).toBe('xnor');
});
