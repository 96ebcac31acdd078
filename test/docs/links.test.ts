import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';
import { anchorsOf, documents, linksOf, textOf } from './markdown.ts';

/** What is wrong with a link of a document, if anything. */
function fault(document: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : normalize(join(dirname(document), path));
  if (file.startsWith('..') || !existsSync(join(packageRoot, file))) return 'is not there';
  if (anchor === undefined) return undefined;
  return anchorsOf(textOf(file)).has(anchor) ? undefined : 'has no such heading';
}

it('every relative link and anchor of every document leads somewhere', () => {
  const found = documents().flatMap((document) =>
    linksOf(textOf(document)).map((link) => ({ document, ...link })),
  );
  expect(found.length).toBeGreaterThan(30);
  const faults = found.flatMap(({ document, target, line }) => {
    const why = fault(document, target);
    return why === undefined ? [] : [`${document}:${line}: ${target} ${why}`];
  });
  expect(faults).toEqual([]);
});

it('the index of docs/ leads to each of its pages', () => {
  const pages = documents().filter((path) => /^docs\/[^/]+\.md$/.test(path));
  const index = linksOf(textOf('docs/README.md')).map(({ target }) => join('docs', target));
  expect(index).toEqual(expect.arrayContaining(pages.filter((path) => path !== 'docs/README.md')));
});

it('links that lead nowhere are seen', () => {
  expect(fault('README.md', 'docs/none.md')).toBe('is not there');
  expect(fault('README.md', '#no-such-heading-here')).toBe('has no such heading');
  expect(fault('README.md', 'https://example.org/none')).toBeUndefined();
});
