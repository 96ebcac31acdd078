import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../agent/base/root.ts';

/** What each file imports of ours, types and imports on demand included; paths from the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** A module's name behind `from`, `import` or `import(`; the formatter writes it in single quotes. */
const NAMED = /\b(?:from|import)\s*\(?\s*'(\.[^'\n]+)'/g;

/** The imports of every source in these folders. */
export function importsIn(folders: readonly string[]): Imports {
  const files = new Set(folders.flatMap(sourcesIn));
  return new Map([...files].map((file) => [file, importsOf(file).filter((f) => files.has(f))]));
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
    .sort();
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  return [...text.matchAll(NAMED)].map(([, name = '']) => join(dirname(file), name));
}
