import { describe, expect, test } from 'vitest';
import { runReference } from '../../agent/model/reference.ts';
import {
  NETWORKS,
  operatorCase,
  PER_OPERATOR,
  randomCase,
  WHOLE_NETS,
  wholeCase,
} from './cases.ts';
import { checkOperators, checkRandom, checkWhole, MINUTES, seeds, vectors } from './check.ts';
import { featuresOf, REQUIRED } from './coverage.ts';
import { FIRST_LAST, FIRST_LATER } from './families.ts';
import { KINDS } from './operator-cases.ts';
import { runInWasm, runOnHost } from './programs.ts';

const SEEDS = { first: 200, later: FIRST_LAST - FIRST_LATER, last: NETWORKS - FIRST_LAST };
/** Networks around a layer of each operator. */
const EACH = 4;

describe('the reference', () => {
  test('gives the committed scores of the networks that the seeds still make', () => {
    for (const { seed, hash, scores } of vectors.networks) {
      const { model, windows } = randomCase(seed);
      expect(model.hash, `seed ${seed}`).toBe(hash);
      expect(windows.map((w) => [...runReference(model, w).scores])).toEqual(scores);
    }
    expect(vectors.networks).toHaveLength(NETWORKS);
  });

  test.each(KINDS)('gives the committed scores of the networks around %s', (kind) => {
    const made = seeds(PER_OPERATOR).map((index) => {
      const { model, windows } = operatorCase(kind, index);
      const scores = windows.map((w) => [...runReference(model, w).scores]);
      return { hash: model.hash, scores, kind, index };
    });
    const why = 'a new operator? npx tsx test/vectors/make.ts';
    expect(
      vectors.operators.filter((entry) => entry.kind === kind),
      why,
    ).toEqual(made);
  });

  test('gives the committed scores of the whole networks', () => {
    const cases = WHOLE_NETS.map(wholeCase);
    expect(vectors.whole.map((entry) => entry.hash)).toEqual(cases.map((c) => c.model.hash));
    const scores = cases.map((c) => c.windows.map((w) => [...runReference(c.model, w).scores]));
    expect(vectors.whole.map((entry) => entry.scores)).toEqual(scores);
  });

  test('meets every operator, type, padding, size and zero point', () => {
    const found = new Set(seeds(NETWORKS).flatMap((seed) => featuresOf(randomCase(seed).model)));
    expect(REQUIRED.filter((feature) => !found.has(feature))).toEqual([]);
  });
});

const gateway = [
  ['host C under ASan and UBSan', runOnHost],
  ['wasm', runInWasm],
] as const;
describe.each(gateway)('%s', (target, run) => {
  test('random networks', () => checkRandom(target, SEEDS, run), 10 * MINUTES);
  test('each operator', () => checkOperators(target, EACH, run), 10 * MINUTES);
  test('whole networks', () => checkWhole(target, run), 5 * MINUTES);
});
