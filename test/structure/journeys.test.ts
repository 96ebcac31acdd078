import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../agent/base/root.ts';

const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

/** Texts of the sources in a folder, without tests. */
function sourcesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.endsWith(`.test${ending}`))
    .map((name) => read(join(folder, name)));
}

const typescript = [...sourcesIn('agent', '.ts'), ...sourcesIn('protocol', '.ts')];
const c = sourcesIn('firmware', '.c');

/** The journeys of ARCHITECTURE.md by their names: each is a paragraph that begins with four blanks. */
function journeys(): readonly (readonly [name: string, text: string])[] {
  const [, rest = ''] = read('ARCHITECTURE.md').split('## Four journeys\n');
  const paragraphs = rest.split('\n## ')[0]?.split(/\n\n+/) ?? [];
  return paragraphs.flatMap((text) => {
    const name = /^ {4}(An? \w+) {2}/.exec(text.replace(/^\n+/, ''))?.[1];
    return name === undefined ? [] : [[name, text] as const];
  });
}

/** What is spelt as a function is: `camelCase`, `Class.method`, `oto_name`. */
function functionsIn(text: string): readonly string[] {
  return text.match(/\b(?:[A-Z]\w*\.[a-z]\w*|[a-z]+[A-Z]\w*|oto_\w+)\b(?!\.)/g) ?? [];
}

function isDeclared(name: string): boolean {
  if (name.startsWith('oto_'))
    return c.some((text) => new RegExp(`^\\w.*\\b${name}\\(`, 'm').test(text));
  const [owner = '', method] = name.split('.');
  if (method === undefined) return typescript.some((text) => isFunctionOf(text, owner));
  return typescript.some((text) => {
    const [, body = ''] = text.split(new RegExp(`\\b(?:class|interface) ${owner}\\b`));
    return new RegExp(`^ {2}.*\\b${method}(?:\\(|<|:| =)`, 'm').test(body.split('\n}\n')[0] ?? '');
  });
}

function isFunctionOf(text: string, name: string): boolean {
  return new RegExp(`\\bfunction\\*? ${name}\\b|\\bconst ${name}\\b.*=`).test(text);
}

describe('the journeys of ARCHITECTURE.md', () => {
  it('are four', () => {
    expect(journeys().map(([name]) => name)).toEqual([
      'A sound',
      'A network',
      'A firmware',
      'A result',
    ]);
  });

  it.each(journeys())('%s: every function that it names is there', (_, text) => {
    const names = functionsIn(text);
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !isDeclared(name))).toEqual([]);
  });

  it('would miss one that is not', () => {
    expect(functionsIn('pushTo ─> Board.info ─> oto_x, sound.ts, agent/run')).toEqual([
      'pushTo',
      'Board.info',
      'oto_x',
    ]);
    expect(['pushTo', 'Board.info', 'oto_boot_decide'].filter(isDeclared)).toHaveLength(3);
    expect(['pushNowhere', 'Board.nothing', 'oto_nothing'].filter(isDeclared)).toEqual([]);
  });
});
