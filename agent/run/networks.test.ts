import { expect, it } from 'vitest';
import type { EvaluationFacts } from '../model/facts.ts';
import { buildModel, readModel } from '../model/model.ts';
import { bestOf, type Candidates } from './networks.ts';
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
): Promise<Candidates> {
  const load = async (name: string, evaluation: EvaluationFacts | undefined, other?: string[]) => {
    const { metadata, tensors } = await readModel(modelPath(name));
    const { evaluation: _, ...rest } = metadata;
    const changed = {
      ...rest,
      labels: other ?? metadata.labels,
      ...(evaluation && { evaluation }),
    };
    return { model: buildModel(changed, tensors) };
  };
  return { int8: await load(QMICRO, int8), xnor: await load(XNOR, xnor, labels) };
}

it('the best network is the more accurate by the figures in the files', async () => {
  expect(bestOf(await networks(validated(90), validated(91)))).toEqual({
    kind: 'xnor',
    line: `best: ${XNOR}, 90.0 % (int8) and 91.0 % (xnor) cross-validated`,
  });
  expect(bestOf(await networks(validated(91), validated(90))).kind).toBe('int8');
});

it('and where that says nothing the smaller, with the reason', async () => {
  const tie = bestOf(await networks(validated(90), validated(90)));
  expect(tie).toMatchObject({ kind: 'xnor', line: expect.stringContaining('both have 90.0 %') });
  const untold = bestOf(await networks(validated(99), undefined));
  expect(untold.kind).toBe('xnor');
  expect(untold.line).toBe(
    `best: ${XNOR}, the smaller: no cross-validated accuracy in the file of ${XNOR}`,
  );
  const other = [...'abcdefghij'];
  const tasks = bestOf(await networks(validated(99), validated(90), other));
  expect(tasks.line).toMatch(/the smaller: their classes or windows differ/);
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
