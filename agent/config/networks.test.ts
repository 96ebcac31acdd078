import { expect, it } from 'vitest';
import { type Broken, environment, itAnswers, linesOf } from '../../test/run/config-lines.ts';
import { parseConfig } from './load.ts';

const broken: readonly Broken[] = [
  ['networks:\n  float: x', 2, 'networks', '{"float":"x"}', /list of 1 to 16, each entry/],
  ['networks: mine', 1, 'networks', '"mine"', /\[\{ name: mine, model: mine.safetensors \}\]/],
  ['networks: []', 1, 'networks', '[]', /list of 1 to 16/],
  ['networks:\n  - name: a', 2, 'networks[0].model', 'missing', /name from the zoo/],
  ['networks:\n  - model: a', 2, 'networks[0].name', 'missing', /1 to 32 of a-z/],
  ['networks:\n  - a', 2, 'networks[0]', '"a"', /map of: name, model/],
  ['networks:\n  - {name: a, model: [b]}', 2, 'networks[0].model', '["b"]', /path of a deployed/],
  ['networks:\n  - {name: a/b, model: c}', 2, 'networks[0].name', '"a/b"', /1 to 32 of a-z/],
  ['networks:\n  - {name: "+", model: c}', 2, 'networks[0].name', '"+"', /1 to 32 of a-z/],
  ['networks:\n  - {name: Mine, model: c}', 2, 'networks[0].name', '"Mine"', /1 to 32 of a-z/],
  ['networks:\n  - {name: a__b, model: c}', 2, 'networks[0].name', '"a__b"', /single - or _/],
  ['networks:\n  - {name: 7, model: c}', 2, 'networks[0].name', '7', /in quotes: "7"/],
  ['networks:\n  - {name: best, model: c}', 2, 'networks[0].name', '"best"', /something else/],
  [
    'networks:\n  - {name: a, model: b}\n  - {name: a, model: c}',
    3,
    'networks[1].name',
    '"a" again',
    /its own name/,
  ],
  [
    'networks:\n  - {name: a-b, model: b}\n  - {name: a_b, model: c}',
    3,
    'networks[1].name',
    '"a_b" beside "a-b"',
    /its own name/,
  ],
  ['compare: [mel]', 1, 'compare[0]', '"mel"', /in its own brackets: \[\[mel, xnor\]\]/],
  ['compare: mel', 1, 'compare', '"mel"', /list of pairs/],
  ['compare: [[mel]]', 1, 'compare[0]', '["mel"]', /in its own brackets/],
  ['compare: [[mel, nope]]', 1, 'compare[0][1]', '"nope"', /one of qmicro, mel, xnor$/],
  ['compare: [[mel, mel]]', 1, 'compare[0]', 'mel twice', /name two networks/],
  ['compare: [[mel, xnor], [xnor, mel]]', 1, 'compare[1]', 'xnor and mel again', /once/],
  [
    'detection:\n  network: agree\n  pair: [mel, nope]',
    3,
    'detection.pair[1]',
    '"nope"',
    /one of qmicro, mel, xnor$/,
  ],
  ['detection:\n  pair: [mel, xnor]', 2, 'detection.pair', 'set', /network: agree, or leave/],
  [
    'detection:\n  network: both',
    2,
    'detection.network',
    '"both"',
    /write detection.network: agree$/,
  ],
  [
    'boards:\n  - {id: serial:1, network: int8}',
    2,
    'boards[0].network',
    '"int8"',
    /named one by one now\); give one of qmicro, mel, xnor, best$/,
  ],
  [
    'networks: {int8: mine.safetensors, xnor: "a b"}',
    1,
    'networks',
    'is a list of names and models now',
    /write networks: \[\{ name: int8, model: mine.safetensors \}, \{ name: xnor, model: "a b" \}\]$/,
  ],
  [
    'networks:\n  xnor: xnor-esc10',
    2,
    'networks',
    'is a list of names and models now',
    /write networks: \[\{ name: xnor, model: xnor-esc10 \}\]$/,
  ],
  ['detection:\n  network: float', 2, 'detection.network', '"float"', /qmicro, mel, xnor, agree$/],
  [
    'networks:\n  - {name: a, model: "a\\0b"}',
    2,
    'networks[0].model',
    '"a',
    /path of a deployed model/,
  ],
];

itAnswers(broken);

it('takes what a former spelling is answered with, and the names of it elsewhere', () => {
  const old = 'networks: {int8: q.safetensors, xnor: xnor-esc10}\ndetection: {network: int8}';
  const [line = ''] = linesOf(old);
  const [, list = ''] = /write (networks: .*)$/.exec(line) ?? [];
  const config = parseConfig(`${list}\ndetection: {network: int8}`, 'f', environment);
  expect(config.networks.map(({ name, model }) => [name, model])).toEqual([
    ['int8', 'q.safetensors'],
    ['xnor', 'xnor-esc10'],
  ]);
  expect(linesOf(`${old.replace('int8}', 'both}')}`)).toHaveLength(2);
});

it('follows the first network, of one and of ten', () => {
  const names = Array.from({ length: 10 }, (_, i) => `n-${i}`);
  for (const some of [names, names.slice(3, 4)]) {
    const networks = some.map((name) => `{name: ${name}, model: m}`).join(',');
    const text = `networks: [${networks}]\nboards: [{id: serial:1}]`;
    const config = parseConfig(text, 'f', environment);
    expect([config.detection.network, config.boards[0]?.network]).toEqual([some[0], some[0]]);
  }
  const many = Array.from({ length: 17 }, (_, i) => `{name: n${i}, model: m}`).join(',');
  expect(linesOf(`networks: [${many}]`)[0]).toMatch(/give a list of 1 to 16/);
});
