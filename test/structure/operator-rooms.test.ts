import { describe, expect, it } from 'vitest';
import { nodeOperators, operators } from '../../agent/ops/registry.ts';
import { folderOf } from '../vectors/operator-cases.ts';
import { isTest, sourceFiles } from './sources.ts';

/** Registry, an architecture that uses it, a specification. */
const OUTSIDE = 3;

const files = sourceFiles().filter(({ path }) => path.startsWith('agent/') && !isTest(path));

/** Files that name an operator, by its kind or by its folder, outside that folder. */
function namedIn(kind: string): readonly string[] {
  const folder = folderOf(kind);
  const named = new RegExp(`['"\`]${kind}['"\`]|(ops|\\.)/${folder}/`);
  return files
    .filter(
      ({ path, lines }) =>
        !path.startsWith(`agent/ops/${folder}/`) && lines.some((line) => named.test(line)),
    )
    .map(({ path }) => path);
}

describe.each(Object.keys({ ...operators, ...nodeOperators }))('the operator %s', (kind) => {
  it(`is named outside its folder in at most ${OUTSIDE} files`, () => {
    const outside = namedIn(kind);
    expect(outside).toContain('agent/ops/registry.ts');
    expect(outside.length, outside.join(', ')).toBeLessThanOrEqual(OUTSIDE);
  });
});

it('drivers of the compiler and of the interpreter name no operator', () => {
  const drivers = ['agent/compiler/', 'agent/model/', 'agent/engine/', 'agent/build/'];
  const named = Object.keys(operators).flatMap(namedIn);
  expect(named.filter((path) => drivers.some((room) => path.startsWith(room)))).toEqual([]);
});
