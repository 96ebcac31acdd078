import type { Problem } from './explain.ts';
import type { Config } from './schema.ts';

type Path = readonly PropertyKey[];

/** Names that a network had by its arithmetic, before networks had names of their own. */
const FORMER = new Set(['int8', 'xnor']);

/** Each network has a name of its own; Home Assistant makes no difference between - and _. */
function* sameNames({ networks }: Config): Generator<Problem> {
  const alike = (name: string): string => name.replaceAll('-', '_');
  for (const [i, { name }] of networks.entries()) {
    const before = networks.slice(0, i).find((other) => alike(other.name) === alike(name));
    if (before === undefined) continue;
    const what = before.name === name ? `"${name}" again` : `"${name}" beside "${before.name}"`;
    const text = `networks[${i}].name is ${what}; give each network its own name`;
    yield { path: ['networks', i, 'name'], text };
  }
}

/** Every name of a network that there is none of. */
function* unknownNames(config: Config): Generator<Problem> {
  const { networks, compare = [], detection, boards } = config;
  const names = networks.map(({ name }) => name);
  const look = function* (path: Path, key: string, name: string | undefined, or = '') {
    if (name === undefined || names.includes(name) || name === or) return;
    const choices = [...names, ...(or === '' ? [] : [or])].join(', ');
    const former = FORMER.has(name) ? ' (networks are named one by one now)' : '';
    const text = `${key} is "${name}", but no network has that name${former}; give one of ${choices}`;
    yield { path, text };
  };
  for (const [i, pair] of compare.entries()) {
    for (const [j, name] of pair.entries()) {
      yield* look(['compare', i, j], `compare[${i}][${j}]`, name);
    }
  }
  yield* look(['detection', 'network'], 'detection.network', detection.network, 'agree');
  for (const [j, name] of (detection.pair ?? []).entries()) {
    yield* look(['detection', 'pair', j], `detection.pair[${j}]`, name);
  }
  for (const [i, { network }] of boards.entries()) {
    yield* look(['boards', i, 'network'], `boards[${i}].network`, network, 'best');
  }
}

/** A pair is of two networks, and each pair is there once. */
function* oddPairs({ compare = [], detection }: Config): Generator<Problem> {
  const twice = (path: Path, key: string, [a, b]: readonly [string, string]): Problem[] =>
    a === b ? [{ path, text: `${key} is ${a} twice; name two networks` }] : [];
  const seen = new Set<string>();
  for (const [i, pair] of compare.entries()) {
    const key = pair.toSorted().join(' ');
    yield* twice(['compare', i], `compare[${i}]`, pair);
    if (seen.has(key)) {
      const text = `compare[${i}] is ${pair.join(' and ')} again; name each pair once`;
      yield { path: ['compare', i], text };
    }
    seen.add(key);
  }
  const { pair, network } = detection;
  if (pair === undefined) return;
  yield* twice(['detection', 'pair'], 'detection.pair', pair);
  if (network === 'agree') return;
  const text = `detection.pair is set, but detection.network is ${network ?? 'not agree'}; write detection.network: agree, or leave detection.pair out`;
  yield { path: ['detection', 'pair'], text };
}

/** What a network has to be called, and where it is meant. */
export function networkProblems(config: Config): readonly Problem[] {
  return [...sameNames(config), ...unknownNames(config), ...oddPairs(config)];
}
