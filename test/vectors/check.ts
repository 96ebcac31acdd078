import { expect } from 'vitest';
import { operatorCase, randomCase, readVectors, seeds, WHOLE_NETS, wholeCase } from './cases.ts';
import { FIRST_LAST, FIRST_LATER } from './families.ts';
import { KINDS } from './operator-cases.ts';
import type { Case, Scores } from './programs.ts';

/** The committed scores of every network. */
export const vectors = readVectors();
/** Networks of one program: linking and starting is then a small part of the time. */
const BATCH = 32;
/** Seeds of the first families, of the later and of the last ones that a target runs. */
export interface Seeds {
  readonly first: number;
  readonly later: number;
  readonly last: number;
}
/** Some two minutes on a quiet PC, and many times that where much else runs: only what hangs is ended. */
export const LIMIT_MS = 40 * 60_000;

const describeCase = ({ model }: Case): string =>
  model.layers
    .map(({ layer, output }) => `${layer.kind} ${output.shape.join('x')} ${output.type}`)
    .join(', ');

/** Runs networks on a target. */
export type Run = (cases: readonly Case[]) => Promise<Scores>;

/** Every difference from the committed scores, described so that it can be found again. */
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

/** The random networks of these seeds give the committed scores. */
export async function checkRandom(target: string, count: Seeds, run: Run): Promise<void> {
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

/** The first `count` networks around a layer of each operator do. */
export async function checkOperators(target: string, count: number, run: Run): Promise<void> {
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

/** The whole networks do. */
export async function checkWhole(target: string, run: Run): Promise<void> {
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
