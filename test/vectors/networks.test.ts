import { describe, expect, test } from 'vitest';
import { readBoardFile } from '../../agent/boards/board-file.ts';
import { boardIds } from '../../agent/boards/board-ids.ts';
import { runReference } from '../../agent/model/reference.ts';
import { packageRoot } from '../../agent/root.ts';
import {
  NETWORKS,
  operatorCase,
  PER_OPERATOR,
  randomCase,
  readVectors,
  WHOLE_NETS,
  wholeCase,
} from './cases.ts';
import { featuresOf, REQUIRED } from './coverage.ts';
import { FIRST_LAST, FIRST_LATER } from './families.ts';
import { KINDS } from './operator-cases.ts';
import { type Case, runInWasm, runOnBoard, runOnHost, type Scores } from './programs.ts';

const vectors = readVectors();
/** Networks of one program: linking and starting is then a small part of the time. */
const BATCH = 32;
/** Seeds of the first families, of the later and of the last ones that a target runs. */
const ON_GATEWAY = { first: 200, later: FIRST_LAST - FIRST_LATER, last: NETWORKS - FIRST_LAST };
const ON_BOARDS = { first: 42, later: 6, last: 6 };
/** Networks around a layer of each operator that a target runs. */
const EACH_ON_GATEWAY = 4;
const EACH_ON_BOARDS = 2;
const MINUTES = 60_000;

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
const describeCase = ({ model }: Case): string =>
  model.layers
    .map(({ layer, output }) => `${layer.kind} ${output.shape.join('x')} ${output.type}`)
    .join(', ');

type Run = (cases: readonly Case[]) => Promise<Scores>;

/** Every difference from the committed scores, told so that it can be found again. */
async function mismatches(
  target: string,
  cases: readonly Case[],
  names: readonly string[],
  expected: Scores,
  run: Run,
): Promise<readonly string[]> {
  const got = await run(cases);
  return cases.flatMap((one, i) => {
    const [is, shouldBe] = [JSON.stringify(got[i]), JSON.stringify(expected[i])];
    if (is === shouldBe) return [];
    return [`${target}, ${names[i]}: ${describeCase(one)}: ${is} instead of ${shouldBe}`];
  });
}

async function checkRandom(target: string, count: typeof ON_BOARDS, run: Run): Promise<void> {
  const wrong: string[] = [];
  const all = [
    ...seeds(count.first),
    ...seeds(count.later).map((seed) => FIRST_LATER + seed),
    ...seeds(count.last).map((seed) => FIRST_LAST + seed),
  ];
  for (let from = 0; from < all.length; from += BATCH) {
    const batch = all.slice(from, from + BATCH);
    const expected = batch.map((seed) => vectors.networks[seed]?.scores ?? []);
    const names = batch.map((seed) => `seed ${seed}`);
    wrong.push(...(await mismatches(target, batch.map(randomCase), names, expected, run)));
  }
  console.log(`${target}: ${all.length} random networks, ${wrong.length} mismatches`);
  expect(wrong).toEqual([]);
}

async function checkOperators(target: string, count: number, run: Run): Promise<void> {
  const wrong: string[] = [];
  const all = vectors.operators.filter(({ index }) => index < count);
  for (let from = 0; from < all.length; from += BATCH) {
    const batch = all.slice(from, from + BATCH);
    const cases = batch.flatMap(({ kind, index }) =>
      KINDS.filter((k) => k === kind).map((k) => operatorCase(k, index)),
    );
    const names = batch.map(({ kind, index }) => `${kind} ${index}`);
    const expected = batch.map(({ scores }) => scores);
    wrong.push(...(await mismatches(target, cases, names, expected, run)));
  }
  console.log(`${target}: ${all.length} networks of one operator, ${wrong.length} mismatches`);
  expect(wrong).toEqual([]);
}

async function checkWhole(target: string, run: Run): Promise<void> {
  const wrong: string[] = [];
  // One by one: with their windows, all of them are more than some boards hold.
  for (const [i, net] of WHOLE_NETS.entries()) {
    const expected = [vectors.whole[i]?.scores ?? []];
    wrong.push(...(await mismatches(target, [wholeCase(net)], [net.name], expected, run)));
  }
  const names = WHOLE_NETS.map((net) => net.name).join(', ');
  console.log(`${target}: ${names} whole, ${wrong.length} mismatches`);
  expect(wrong).toEqual([]);
}

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
  test('random networks', () => checkRandom(target, ON_GATEWAY, run), 10 * MINUTES);
  test('each operator', () => checkOperators(target, EACH_ON_GATEWAY, run), 10 * MINUTES);
  test('whole networks', () => checkWhole(target, run), 5 * MINUTES);
});

describe.each(boardIds(packageRoot))('%s', (id) => {
  const board = readBoardFile(packageRoot, id);
  const run: Run = (cases) => runOnBoard(board, cases);
  test('random networks', () => checkRandom(id, ON_BOARDS, run), 10 * MINUTES);
  test('each operator', () => checkOperators(id, EACH_ON_BOARDS, run), 10 * MINUTES);
  test('whole networks', () => checkWhole(id, run), 5 * MINUTES);
});
