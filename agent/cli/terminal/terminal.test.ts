import { describe, expect, it, test } from 'vitest';
import { painter, showsColour } from './colour.ts';
import { LiveLines } from './live.ts';
import { movingLine } from './moving-line.ts';
import { cutTo, fitting, padTo, widthOf, wrapTo } from './width.ts';

const ESC = '\u001b';

test('colours: on a terminal, unless the environment says otherwise', () => {
  const terminal = { isTTY: true };
  for (const [stream, env, shows] of [
    [terminal, {}, true],
    [{}, {}, false],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [terminal, { FORCE_COLOR: '0' }, false],
    [{}, { FORCE_COLOR: '1' }, true],
    [{}, { FORCE_COLOR: '' }, false],
    [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ] as const) {
    expect([env, showsColour(stream, env)]).toEqual([env, shows]);
  }
  expect(painter(false)('bad', 'x')).toBe('x');
  expect(painter(true)('bad', 'x')).toContain(`${ESC}[31m`);
});

describe('width', () => {
  it('counts what a terminal shows', () => {
    expect(widthOf('crackling_fire')).toBe(14);
    expect(widthOf('犬の声')).toBe(6);
    expect(widthOf('e\u0301')).toBe(1);
  });

  it('cuts and fills to columns', () => {
    expect(cutTo('chainsaw', 8)).toBe('chainsaw');
    expect(cutTo('chainsaws', 8)).toBe('chainsa…');
    expect(widthOf(cutTo('犬の声', 4))).toBeLessThanOrEqual(4);
    expect(padTo('犬', 4)).toBe('犬  ');
    expect(padTo('chainsaw', 4)).toBe('cha…');
  });

  it('leaves out whole columns, those that matter least first, and never all', () => {
    const columns = [
      { name: 'time', width: 8, rank: 2 },
      { name: 'verdict', width: 26, rank: 0 },
      { name: 'latency', width: 7, rank: 3 },
    ];
    const names = (width: number) => fitting(columns, width).map(({ name }) => name);
    expect(names(45)).toEqual(['time', 'verdict', 'latency']);
    expect(names(44)).toEqual(['time', 'verdict']);
    expect(names(35)).toEqual(['verdict']);
    expect(names(3)).toEqual(['verdict']);
  });

  it('breaks lines between words', () => {
    expect(wrapTo('one two three', 7, 2)).toEqual(['one two', '  three']);
    expect(wrapTo('  a   bc d', 8, 4)).toEqual(['  a   bc', '    d']);
    expect(wrapTo('averylongword', 4, 2)).toEqual(['averylongword']);
    for (const line of wrapTo('a bb ccc '.repeat(30).trim(), 20, 4)) {
      expect(widthOf(line)).toBeLessThanOrEqual(20);
    }
  });
});

/** What a terminal shows after these bytes: enough of one for lines that move up and clear. */
function shown(bytes: string): readonly string[] {
  const lines = [''];
  let row = 0;
  const moves = new RegExp(`${ESC}\\[(\\d+)A|(${ESC}\\[J)|(\n)|([^${ESC}\n]+)`, 'g');
  for (const [, up, clear, newline, text] of bytes.matchAll(moves)) {
    if (up !== undefined) row -= Number(up);
    if (clear !== undefined) lines.splice(row, lines.length, '');
    if (newline !== undefined) lines[++row] ??= '';
    if (text !== undefined) lines[row] += text;
  }
  return lines;
}

test('live lines stay at the bottom, while what is printed scrolls past above them', () => {
  let bytes = '';
  const live = new LiveLines({ columns: 80, write: (text: string) => (bytes += text) });
  live.print('first');
  live.set('a', () => 'a 1');
  live.set('b', () => 'b 1');
  live.draw();
  live.print('second');
  live.set('a', () => 'a 2');
  live.draw();
  expect(shown(bytes)).toEqual(['first', 'second', 'a 2', 'b 1', '']);
  live.set('a', undefined);
  live.set('b', undefined);
  live.print('third');
  expect(shown(bytes)).toEqual(['first', 'second', 'third', '']);
});

test.each([120, 80, 40, 20, 5])('a moving line of a push fits %i columns', (columns) => {
  const moving = { name: 'emulated-cortex-m4', doing: 'qmicro: uploading', share: 0.41, ms: 7300 };
  const line = movingLine({ paint: painter(false) }, moving, columns);
  expect(widthOf(line)).toBeLessThanOrEqual(columns);
  if (columns >= 80) {
    expect(line).toMatch(/^. emulated-cortex-m4: qmicro: uploading █{8}░{12} 41 % 7 s$/);
  }
});
