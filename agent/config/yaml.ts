import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** Something that no configuration may hold, and its line. */
export interface YamlProblem {
  readonly line: number;
  readonly text: string;
}

/** A YAML text as plain values, and where they stand in it. */
export interface YamlText {
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** The line of the value at a path, or of the nearest parent that is there. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** Deeper than the schema by far, and shallow enough for the stack. */
const DEEPEST = 50;
/** Most values that aliases may repeat: a few anchors make millions where aliases name aliases. */
const MOST_REPEATED = 10_000;
/** Tags that say what a plain value is anyway. */
const PLAIN_TAGS = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** A converted value, and of how many it consists once aliases are written out. */
interface Converted {
  readonly value: unknown;
  readonly size: number;
}

const NOTHING: Converted = { value: null, size: 1 };

/**
 * Turns nodes into plain values in one pass, in time linear in the text: an alias shares the value of its anchor. What
 * the library's own conversion throws on, or multiplies without end, becomes a problem with a line.
 */
class Conversion {
  readonly problems: YamlProblem[] = [];
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Converted | 'open'>();
  #repeated = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  convert(node: unknown, depth: number): Converted {
    if (!isNode(node)) return NOTHING;
    if (isAlias(node)) return this.#alias(node.source, node);
    if (node.tag !== undefined && !PLAIN_TAGS.test(node.tag)) {
      return this.#refuse(
        node,
        `the tag ${node.tag.replace('tag:yaml.org,2002:', '!!')} has no place here; leave it out`,
      );
    }
    const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    const converted = this.#plain(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #plain(node: unknown, depth: number): Converted {
    if (isScalar(node)) return { value: node.value, size: 1 };
    if (depth > DEEPEST)
      return this.#refuse(node, `is nested more than ${DEEPEST} deep; take levels out`);
    if (isSeq(node)) return this.#list(node, depth);
    return isMap(node) ? this.#map(node, depth) : NOTHING;
  }

  #list(node: YAMLSeq, depth: number): Converted {
    const items = node.items.map((item) => this.convert(item, depth + 1));
    return { value: items.map(({ value }) => value), size: sizeOf(items) };
  }

  #map(node: YAMLMap, depth: number): Converted {
    const entries = new Map<string, Converted>();
    for (const { key, value } of node.items) {
      if (!isScalar(key) || key.value === null) {
        this.#refuse(isNode(key) ? key : node, 'a key is not a word; write `key: value`');
        continue;
      }
      const name = String(key.value);
      if (entries.has(name)) {
        this.#refuse(key, `the key ${JSON.stringify(name)} stands here twice; keep one of them`);
        continue;
      }
      entries.set(name, this.convert(value, depth + 1));
    }
    // fromEntries defines keys such as __proto__ as they are.
    const values = [...entries].map(([name, { value }]) => [name, value] as const);
    return { value: Object.fromEntries(values), size: sizeOf([...entries.values()]) };
  }

  #alias(name: string, node: unknown): Converted {
    const found = this.#anchors.get(name);
    if (found === undefined) {
      return this.#refuse(
        node,
        `*${name} names no anchor before it; write &${name} at what it repeats`,
      );
    }
    if (found === 'open') {
      return this.#refuse(node, `*${name} lies within what &${name} names; take the alias out`);
    }
    const before = this.#repeated;
    this.#repeated += found.size;
    if (this.#repeated <= MOST_REPEATED) return found;
    if (before > MOST_REPEATED) return NOTHING; // said once
    return this.#refuse(
      node,
      `aliases repeat more than ${MOST_REPEATED} values up to here; write out what is meant`,
    );
  }

  #refuse(node: unknown, text: string): Converted {
    const range = isNode(node) ? node.range : undefined;
    this.problems.push({ line: this.#lines.linePos(range?.[0] ?? 0).line, text });
    return NOTHING;
  }
}

function sizeOf(parts: readonly Converted[]): number {
  return parts.reduce((sum, { size }) => sum + size, 1);
}

/** What the parser itself found, in words of ours where its own are for programmers. */
function* syntaxProblems(
  doc: Document.Parsed<ParsedNode>,
  lines: LineCounter,
): Generator<YamlProblem> {
  for (const { pos, code, message } of [...doc.errors, ...doc.warnings]) {
    const { line } = lines.linePos(pos[0]);
    const [first = ''] = message.split('\n');
    // What follows the first document has not been read.
    if (code === 'MULTIPLE_DOCS')
      yield { line, text: 'a second document begins here; keep one, and no --- or ... within it' };
    else if (/call stack/.test(first))
      yield { line, text: `is nested more than ${DEEPEST} deep; take levels out` };
    else yield { line, text: `not YAML: ${first}; correct the syntax there` };
  }
}

/** Reads one YAML document in time linear in its length; never throws. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  // Unique keys are checked here: the library compares every key with every other.
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const syntax = [...syntaxProblems(doc, lines)];
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let n = path.length; n > 0; n--) {
      const node = doc.getIn(path.slice(0, n), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  if (syntax.length > 0) return { value: null, problems: syntax, lineOf };
  const conversion = new Conversion(lines);
  const { value } = conversion.convert(doc.contents, 0);
  return { value, problems: conversion.problems, lineOf };
}
