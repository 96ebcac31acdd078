import type { z } from 'zod';
import { didYouMean } from '../base/nearest.ts';
import { configJsonSchema } from './schema.ts';

type Path = readonly PropertyKey[];
type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function childNode(node: Node | undefined, key: PropertyKey): Node | undefined {
  if (node === undefined) return undefined;
  const { properties, items, prefixItems, additionalProperties } = node;
  const named = isNode(properties) ? properties[String(key)] : undefined;
  const placed = Array.isArray(prefixItems) ? prefixItems[Number(key)] : items;
  const child = named ?? (typeof key === 'number' ? placed : additionalProperties);
  return isNode(child) ? child : undefined;
}

let schema: Node | undefined;

function schemaAt(path: Path): Node | undefined {
  schema ??= configJsonSchema();
  return path.reduce<Node | undefined>(childNode, schema);
}

function keysOf(node: Node | undefined): readonly string[] {
  return isNode(node?.properties) ? Object.keys(node.properties) : [];
}

/** Cut to one readable piece. */
function cut(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

export function pathText(path: Path): string {
  return path
    .map((key, i) =>
      typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${shown(String(key))}`,
    )
    .join('');
}

/** A key as an error shows it: as it stands, or in JSON where it is no plain word. */
function shown(key: string): string {
  return /^[\p{L}\p{N}_ .-]{1,60}$/u.test(key) ? key : valueText(key);
}

/** A value as an error shows it: JSON, where nothing is left that a terminal would obey. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (typeof value === 'number') return String(value);
  const text = cut(JSON.stringify(value));
  return text.replaceAll(/\p{Cc}|\p{Cf}|\p{Cs}/gu, (c) => `\\u${hex(c)}`);
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
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

function hintFor(path: Path, value: unknown): string {
  const node = schemaAt(path);
  if (typeof node?.hint === 'string') {
    if (value === null) return `${node.hint}, or leave the key out`;
    return isMeantAsText(value, node) ? `${node.hint}, in quotes: "${String(value)}"` : node.hint;
  }
  const keys = keysOf(node);
  return keys.length === 0 ? 'see `otolith config schema`' : `give a map of: ${keys.join(', ')}`;
}

/** Whether YAML read a number or truth value where the same in quotes would do. */
function isMeantAsText(value: unknown, { type, enum: choices, pattern }: Node): boolean {
  if (type !== 'string' || choices !== undefined) return false;
  if (typeof value !== 'number' && typeof value !== 'boolean') return false;
  return typeof pattern !== 'string' || new RegExp(pattern, 'u').test(String(value));
}

/** What zod found, one thing at a time. */
export interface Finding {
  readonly path: Path;
  /** Whether the key at the path is none of the schema's. */
  readonly unknown: boolean;
}

export function findings(issues: readonly z.core.$ZodIssue[]): readonly Finding[] {
  return issues.flatMap((issue): readonly Finding[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], unknown: true }))
      : [{ path: issue.path, unknown: false }],
  );
}

/** The sentence that names path, value and hint. */
export function explain({ path, unknown }: Finding, raw: unknown): Problem {
  if (unknown) {
    const known = keysOf(schemaAt(path.slice(0, -1)));
    const hint = didYouMean(String(path.at(-1)), known);
    return { path, text: `${pathText(path)} is unknown; ${hint}` };
  }
  const value = valueAt(raw, path);
  const where = path.length === 0 ? 'the configuration' : pathText(path);
  return { path, text: `${where} is ${valueText(value)}; ${hintFor(path, value)}` };
}

/** The value without its empty sections: `mqtt:` with nothing below means the defaults of `mqtt`. */
export function withoutEmptySections(value: unknown, path: Path = []): unknown {
  if (Array.isArray(value)) {
    return value.map((item, i) => withoutEmptySections(item, [...path, i]));
  }
  if (!isNode(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    const type = schemaAt(at)?.type;
    if (inner !== null) return [[key, withoutEmptySections(inner, at)] as const];
    if (type === 'array') return [];
    return type === 'object' ? [[key, {}] as const] : [[key, inner] as const];
  });
  return Object.fromEntries(kept);
}
