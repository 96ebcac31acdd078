import { expect, it } from 'vitest';
import { environment, linesOf } from '../../test/run/config-lines.ts';
import { UserError } from '../base/errors.ts';
import { parseConfig } from './load.ts';

const ten = (name: string) => Array(10).fill(`*${name}`).join(',');
const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map(([a, b]) => `${b}: &${b} [${ten(a ?? '')}]`),
].join('\n');
const nested = (open: string, close: string) => `a: ${open.repeat(3000)}${close.repeat(3000)}`;
// what no parser may trip over: text of the file, its line, what the line says
const hostile: readonly (readonly [string, string, RegExp])[] = [
  ['aliases that grow without end', bomb, /^o:4: aliases repeat more than 10000 values/],
  ['an alias of nothing', 'audio:\n  hop: *x', /^o:2: \*x names no anchor before it/],
  ['an alias before its anchor', 'audio: *x\nmqtt: &x {}', /^o:1: \*x names no anchor before/],
  ['a list within itself', 'boards: &b\n  - *b', /^o:2: \*b lies within what &b names/],
  ['a map within itself', 'audio: &a\n  b:\n    c: *a', /^o:3: \*a lies within/],
  ['lists without end', nested('[', ']'), /^o:1: is nested more than 50 deep/],
  ['maps without end', nested('{a: ', '}'), /^o:1: is nested more than 50 deep/],
  ['lists that never close', `a: ${'['.repeat(3000)}`, /^o:1: is nested more than 50 deep/],
  ['two documents', 'audio: {}\n---\nmqtt: {}', /^o:2: a second document begins here/],
  ['a document after the end', 'audio: {}\n...\nmqtt: {}', /^o:3: a second document/],
  ['a tag', 'gateway:\n  name: !secret x', /^o:2: not YAML: Unresolved tag: !secret/],
  ['bytes', 'gateway:\n  name: !!binary aGk=', /^o:2: the tag !!binary has no place/],
  ['a key that is a list', '? [a]\n: 1', /^o:1: a key is not a word/],
  ['a key that is missing', ': 1', /^o:1: a key is not a word/],
  ['a directive', '%FOO\n---\naudio: {}', /^o:\d: not YAML: Unknown directive %FOO/],
  ['a merge key', 'audio:\n  <<: {hop: 1s}', /^o:2: audio."<<" is unknown/],
  ['a key of every object', '__proto__:\n  hop: 1s', /^o:2: __proto__ is unknown/],
  ['a key a terminal obeys', '"a\\e[2J": 1', /^o:1: "a\\u001b\[2J" is unknown/],
  ['a value a terminal obeys', 'audio:\n  hop: "\\u009b2J"', /^o:2: audio.hop is "\\u009b2J"/],
];

it.each(hostile)('answers %s in one line', (_, text, line) => {
  let said: readonly string[] = [];
  try {
    parseConfig(text, 'o', environment);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    said = error.line.split('\n');
  }
  expect(said[0]).toMatch(line);
  expect(said.length).toBeLessThanOrEqual(21);
});

const SECTIONS: readonly (readonly [string, (key: string) => string])[] = [
  ['at the top', (key) => `${key}: 1`],
  ['in a section', (key) => `  ${key}: 1`],
  ['as classes', (key) => `    ${key}: {threshold: 2}`],
];
it.each(SECTIONS)('names some of 40,000 unknown keys %s, and counts the rest', (where, line) => {
  const head = {
    'at the top': '',
    'in a section': 'audio:\n',
    'as classes': 'detection:\n  classes:\n',
  };
  const keys = Array.from({ length: 40_000 }, (_, i) => line(`key${i}`));
  // Every key compared with every other is 800 million comparisons: this test would run for minutes.
  const lines = linesOf(`${head[where as keyof typeof head]}${keys.join('\n')}`);
  expect(lines).toHaveLength(21);
  expect(lines[20]).toBe('and 39980 more things are wrong');
});

it('compares no key with the known ones that nobody can have mistyped', () => {
  const [line] = linesOf(`${'x'.repeat(70_000)}: 1`);
  expect(line?.length).toBeLessThan(300);
});
