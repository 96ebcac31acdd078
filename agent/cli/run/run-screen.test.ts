import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { networkOf, resultOf } from '../../../test/run/results.ts';
import type { WindowResult } from '../../run/window-result.ts';
import { widthOf } from '../terminal/width.ts';
import { runScreen } from './run-screen.ts';

const CLASSES = ['dog', 'crackling_fire'];

/** What networks say of a window, by the place of a class; the first two are compared. */
function windowOf(said: Readonly<Record<string, number>>, detected = false): WindowResult {
  const results = Object.entries(said).map(([name, at]) =>
    resultOf(networkOf(name, CLASSES), CLASSES[at] ?? ''),
  );
  const [a, b] = results;
  const label = a?.verdict.class ?? '';
  const pair: [string, string] = [a?.network.name ?? '', b?.network.name ?? ''];
  return {
    id: 'w',
    window: { samples: new Int16Array(), at: 0, clip: { file: 'x.wav', label } },
    results,
    comparisons: b === undefined ? [] : [{ pair, agree: label === b.verdict.class, share: 1 }],
    detection: detected
      ? { class: label, confidence: 0.9, network: pair[0], windows: 2 }
      : undefined,
  };
}

const heard = (int8: number, xnor: number, detected = false) => windowOf({ int8, xnor }, detected);

function screenOn(out: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv = {}) {
  let text = '';
  const write = (more: string) => (text += more);
  const screen = runScreen({ out: { ...out, write }, env, now: () => 0 });
  return { screen, text: () => text, lines: () => text.trimEnd().split('\n') };
}

afterEach(() => void vi.useRealTimers());

const bare = stripVTControlCharacters;

test.each([80, 100, 120, 60])(
  'on a terminal of %i columns, columns that stay and fit',
  (columns) => {
    const { screen, text } = screenOn({ isTTY: true, columns });
    screen.window(heard(0, 0));
    screen.window(heard(1, 0, true));
    const [first = '', second = '', third = ''] = bare(text()).split('\n');
    for (const line of [first, second]) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(first.indexOf('xnor')).toBe(second.indexOf('xnor'));
    expect(second).toMatch(columns >= 80 ? /crackling_fire .*DISAGREE/ : /crackling_.*DISAGREE/);
    expect(third).toMatch(/DETECTED crackling_fire$/);
    expect(/0\.8 ms/.test(first)).toBe(columns >= 100);
    expect(/clip: dog/.test(first)).toBe(columns >= 120);
  },
);

const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`network-${i}`, i % 2]));
test.each([
  [{ mel: 1, xnor: 0, qmicro: 1 }, 80, 1],
  [{ mel: 1, xnor: 0, qmicro: 1 }, 50, 2],
  [{ mine: 1 }, 80, 1],
  [{ mine: 1 }, 20, 1],
  [ten, 80, 6],
  [ten, 200, 2],
])('%j on %i columns: every network is there, in %i lines that fit', (said, columns, rows) => {
  const { screen, text } = screenOn({ isTTY: true, columns }, { NO_COLOR: '1' });
  screen.window(windowOf(said));
  const lines = text().trimEnd().split('\n');
  expect(lines).toHaveLength(rows);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  for (const name of Object.keys(said)) expect(text()).toContain(name);
  if (Object.keys(said).length === 3) expect(text()).toContain('mel≠xnor');
});

test('on a terminal, colours, which NO_COLOR takes away and nothing else', () => {
  const coloured = screenOn({ isTTY: true, columns: 80 });
  const plain = screenOn({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
  for (const { screen } of [coloured, plain]) {
    screen.window(heard(0, 1));
    screen.log('board: FAILED', 'bad');
  }
  expect(coloured.text()).toContain('\u001b[');
  expect(plain.text()).not.toContain('\u001b');
  expect(bare(coloured.text())).toBe(plain.text());
});

test('long lines of the log break between words, below their beginning', () => {
  const { screen, lines } = screenOn({ isTTY: true, columns: 60 }, { NO_COLOR: '1' });
  screen.log(
    'emulated-cortex-m4: int8 rain 87 % (11.9 M instructions, same integers as the gateway)',
  );
  expect(lines()).toHaveLength(2);
  expect(lines()[1]).toMatch(/^ {12}\S.*as the gateway\)$/);
});

test('a push is one line that moves on a terminal, and then one that stays', () => {
  const { screen, text } = screenOn({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });
  const task = screen.task('m4', 'runs none, pushing qmicro');
  for (let tenth = 0; tenth <= 10; tenth++) task.update('uploading', tenth / 10);
  screen.log('broker: connected');
  task.end('m4: qmicro pushed, tested and confirmed', 'good');
  expect(text().match(/uploading/g)).toHaveLength(1);
  const [shown, stays] = text()
    .split('\u001b[1A\u001b[J')
    .slice(-2)
    .map((part) => part.trim());
  expect(shown).toMatch(/broker: connected\n. m4: uploading █{20} 100 % 0 s$/);
  expect(stays).toMatch(/qmicro pushed, tested and confirmed$/);
});

test('elsewhere, plain lines and few: what begins and what came of it', () => {
  const { screen, text, lines } = screenOn({});
  const task = screen.task('m4', 'runs none, pushing qmicro');
  for (let tenth = 0; tenth <= 10; tenth++) task.update('uploading', tenth / 10);
  task.end('m4: qmicro pushed, tested and confirmed', 'good');
  screen.window(heard(0, 0, true));
  expect(text()).not.toContain('\u001b');
  expect(lines().map((line) => line.slice(9))).toEqual([
    'm4: runs none, pushing qmicro',
    'm4: qmicro pushed, tested and confirmed',
    'int8 dog 90 % (0.8 ms)  xnor dog 90 % (0.8 ms)  agree  [clip: dog]  DETECTED dog',
  ]);
  const journal = screenOn({}, { JOURNAL_STREAM: '1:2' });
  journal.screen.log('hello');
  expect(journal.text()).toBe('hello\n');
});

test('elsewhere, something that takes long is reported again, ever less often', () => {
  vi.useFakeTimers();
  const { screen, lines } = screenOn({});
  const task = screen.task('m4', 'runs none, pushing qmicro');
  vi.advanceTimersByTime(40_000);
  task.update('uploading', 0.415);
  vi.advanceTimersByTime(200_000);
  task.end();
  vi.advanceTimersByTime(1_000_000);
  expect(lines().map((line) => line.slice(9))).toEqual([
    'm4: runs none, pushing qmicro',
    'm4: runs none, pushing qmicro, 30 s so far',
    'm4: uploading 41 %, 60 s so far',
    'm4: uploading 41 %, 120 s so far',
    'm4: uploading 41 %, 240 s so far',
  ]);
});

test('what comes from outside stays one line of plain text', () => {
  for (const isTTY of [true, false]) {
    const { screen, lines } = screenOn({ isTTY, columns: 80 }, { NO_COLOR: '1' });
    screen.log('m4: says \u001b[2J\nfake');
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toContain('\\u001b[2J\\u000afake');
  }
});
