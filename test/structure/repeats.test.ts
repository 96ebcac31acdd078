import { expect, it } from 'vitest';
import { repeats } from './repeats.ts';
import { sourceFiles } from './sources.ts';

const lines = (...names: readonly string[]) => names.map((name) => `const ${name} = ${name}();`);

it('a run of lines in two places is found whole, once, whatever stands between the lines', () => {
  const run = lines('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const spaced = run.flatMap((line) => [`    ${line}`, '', '  // why']);
  const found = repeats(
    [
      { path: 'x.ts', lines: [...lines('x'), ...run, ...lines('y')] },
      { path: 'y.ts', lines: [...lines('z'), ...spaced] },
    ],
    6,
  );
  expect(found).toEqual([{ a: 'x.ts:2-8', b: 'y.ts:2-20', lines: 7 }]);
});

it('fewer than ten pairs of places repeat six lines or more', () => {
  const found = repeats(sourceFiles(), 6);
  expect(found.length, found.map(({ a, b }) => `${a} = ${b}`).join('\n')).toBeLessThan(10);
});
