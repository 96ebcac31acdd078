import { expect, it } from 'vitest';
import { sourceFiles } from './sources.ts';

const files = sourceFiles().map(({ path, lines }) => ({ path, length: lines.length }));

it('a file is one idea: none is longer than 350 lines', () => {
  expect(files.filter(({ length }) => length > 350)).toEqual([]);
});

it('nine files of ten have at most 200 lines', () => {
  const lengths = files.map(({ length }) => length).toSorted((a, b) => a - b);
  expect(lengths.length).toBeGreaterThan(500);
  expect(lengths[Math.ceil(0.9 * lengths.length) - 1]).toBeLessThanOrEqual(200);
});
