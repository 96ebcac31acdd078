import { expect, it } from 'vitest';
import type { Pair } from '../../protocol/payloads.ts';
import { networkOf, resultOf } from '../../test/run/results.ts';
import { Comparer } from './comparer.ts';
import { pairsOf } from './pairs.ts';

const says = (said: Readonly<Record<string, string>>) =>
  Object.entries(said).map(([name, label]) => resultOf(networkOf(name), label));

it('counts each pair by itself, over the run and over the last hundred windows', () => {
  const comparer = new Comparer([
    ['a', 'b'],
    ['a', 'c'],
  ]);
  for (let i = 0; i < 100; i++) comparer.compare(says({ a: 'dog', b: 'rain', c: 'dog' }));
  const [ab, ac] = comparer.compare(says({ a: 'dog', b: 'dog', c: 'dog' }));
  expect(ab).toEqual({ pair: ['a', 'b'], agree: true, share: 0.01 });
  expect(ac).toEqual({ pair: ['a', 'c'], agree: true, share: 1 });
  expect(comparer.totals).toEqual([
    { pair: ['a', 'b'], windows: 101, agreed: 1 },
    { pair: ['a', 'c'], windows: 101, agreed: 101 },
  ]);
});

it('goes on counting pairs that stay, and forgets those of which a network has changed', () => {
  const pairs: readonly Pair[] = [
    ['a', 'b'],
    ['b', 'c'],
  ];
  const comparer = new Comparer(pairs);
  comparer.compare(says({ a: 'dog', b: 'dog', c: 'dog' }));
  comparer.reload(pairs, new Set(['c']));
  comparer.compare(says({ a: 'dog', b: 'dog', c: 'rain' }));
  expect(comparer.totals.map(({ windows, agreed }) => [windows, agreed])).toEqual([
    [2, 2],
    [1, 0],
  ]);
});

it('compares by default the first two networks on the same input that know the same classes', () => {
  const [dogs, more] = [
    ['dog', 'rain'],
    ['dog', 'rain', 'wind'],
  ];
  const others = networkOf('others', more);
  const [first, second, third] = ['first', 'second', 'third'].map((name) => networkOf(name, dogs));
  const defined = [others, first, second, third].flatMap((each) => each ?? []);
  expect(pairsOf(defined, undefined)).toEqual([['first', 'second']]);
  expect(pairsOf(defined.slice(0, 2), undefined)).toEqual([]);
  expect(pairsOf(defined, [])).toEqual([]);
  expect(pairsOf(defined, [['third', 'first']])).toEqual([['third', 'first']]);
});
