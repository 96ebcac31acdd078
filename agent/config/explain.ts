import type { z } from 'zod';
import { configJsonSchema } from './schema.ts';

type Path = readonly PropertyKey[];
type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function childNode(node: Node | undefined, key: PropertyKey): Node | undefined {
  if (node === undefined) return undefined;
  const { properties, items, additionalProperties } = node;
  const named = isNode(properties) ? properties[String(key)] : undefined;
  const child = named ?? (typeof key === 'number' ? items : additionalProperties);
  return isNode(child) ? child : undefined;
}

function schemaAt(path: Path): Node | undefined {
  return path.reduce<Node | undefined>(childNode, configJsonSchema());
}

function keysOf(node: Node | undefined): readonly string[] {
  return isNode(node?.properties) ? Object.keys(node.properties) : [];
}

/** Levenshtein distance, for "did you mean". */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** What to write in place of an unknown key. */
function knownKeys(parent: Path, key: string): string {
  const known = keysOf(schemaAt(parent));
  const bare = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '');
  const near = known.find((name) => distance(bare(name), bare(key)) <= 2);
  return near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`;
}

export function pathText(path: Path): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/** A value as an error shows it: JSON, cut to one readable piece. */
export function valueText(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** One thing wrong in a configuration. */
export interface Problem {
  readonly path: Path;
  readonly text: string;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isNode(inner) ? inner[String(key)] : undefined),
    value,
  );
}

function mendFor(path: Path): string {
  const node = schemaAt(path);
  if (typeof node?.mend === 'string') return node.mend;
  const keys = keysOf(node);
  return keys.length === 0 ? 'see `otolith config schema`' : `give a map of: ${keys.join(', ')}`;
}

/** Turns what zod found into sentences that name path, value and mend. */
export function explain(issue: z.core.$ZodIssue, raw: unknown): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      text: `${pathText([...issue.path, key])} is unknown; ${knownKeys(issue.path, key)}`,
    }));
  }
  const value = valueText(valueAt(raw, issue.path));
  const where = issue.path.length === 0 ? 'the configuration' : pathText(issue.path);
  return [{ path: issue.path, text: `${where} is ${value}; ${mendFor(issue.path)}` }];
}
