import { describe, expect, test } from 'vitest';
import { NETWORKS, randomCase, seeds } from './cases.ts';
import { checkOperators, checkRandom, checkWhole, LIMIT_MS, vectors } from './check.ts';
import { featuresOf, REQUIRED } from './coverage.ts';
import { operatorEntries, randomEntry, wholeEntries } from './entries.ts';
import { FIRST_LAST, FIRST_LATER } from './families.ts';
import { KINDS } from './operator-cases.ts';
import { runInWasm, runOnHost } from './programs.ts';

const SEEDS = { first: 200, later: FIRST_LAST - FIRST_LATER, last: NETWORKS - FIRST_LAST };
/** Networks around a layer of each operator. */
const EACH = 4;

describe('the reference', () => {
  test('gives the committed scores of the networks that the seeds still make', () => {
    for (const entry of vectors.networks) expect(randomEntry(entry.seed)).toEqual(entry);
    expect(vectors.networks).toHaveLength(NETWORKS);
  });

  test.each(KINDS)('gives the committed scores of the networks around %s', (kind) => {
    const why = 'a new operator? npx tsx test/vectors/make.ts';
    expect(
      vectors.operators.filter((entry) => entry.kind === kind),
      why,
    ).toEqual(operatorEntries(kind));
  });

  test('gives the committed scores of the whole networks', () => {
    expect(vectors.whole).toEqual(wholeEntries());
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
  test('random networks', () => checkRandom(target, SEEDS, run), LIMIT_MS);
  test('each operator', () => checkOperators(target, EACH, run), LIMIT_MS);
  test('whole networks', () => checkWhole(target, run), LIMIT_MS);
});
