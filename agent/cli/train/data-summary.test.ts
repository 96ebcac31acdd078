import { expect, it } from 'vitest';
import type { Dataset } from '../../lab/data/dataset.ts';
import { bounded, dataSummary, splitLines } from './data-summary.ts';

const clip = (label: number, fold: number) => ({
  ...{ name: `${label}-${fold}`, fold, label },
  samples: new Int16Array(20_000),
});
const dataset: Dataset = {
  labels: ['cat', 'dog'],
  sampleRate: 20_000,
  folds: [0, 1, 2],
  clips: [clip(0, 1), clip(0, 2), clip(1, 1), clip(1, 2), clip(1, 2), clip(1, 0)],
  skipped: ['dog/broken.wav cannot be decoded'],
  about: {
    layout: 'a folder per class',
    notes: ['folds were dealt'],
    ignored: [{ name: 'x\u001b[2J\n.txt', why: '.txt is not a recording' }],
    unselected: 3,
    rates: [
      { hz: 8000, clips: 2 },
      { hz: 44_100, clips: 4 },
    ],
  },
};

it('tells classes, clips, seconds, rates, folds, and what was left out and why', () => {
  expect(dataSummary('/data', dataset)).toEqual([
    'data: /data (a folder per class): 6 clips of 2 classes, 6.0 s, 3 of other classes not used',
    'rates: 8000 Hz (2), 44100 Hz (4); all at 20000 Hz from here on',
    '  class  clips  seconds  test split  fold 1  fold 2',
    '  cat        2      2.0           0       1       1',
    '  dog        4      4.0           1       1       2',
    '  all        6      6.0           1       2       3',
    'note: folds were dealt',
    'left out, since it cannot be used: 1',
    '  dog/broken.wav cannot be decoded',
    'not taken: 1',
    '  x\\u001b[2J\\u000a.txt: .txt is not a recording',
  ]);
});

it('tells what each training learns from, and what it leaves out', () => {
  expect(splitLines(dataset, [1, 'all'])).toEqual([
    'fold-1: 3 clips to learn from (folds 2), 2 left out (fold 1)',
    'all: 5 clips to learn from (folds 1, 2), 1 left out (test split)',
  ]);
  expect(() => splitLines(dataset, [7])).toThrow(/no fold 7/);
  const own = { ...dataset, folds: [1, 2], clips: dataset.clips.slice(0, 5) };
  expect(splitLines(own, ['all'])[0]).toMatch(/will not be known/);
});

it('counts what a long list does not show', () => {
  const lines = bounded(
    'not taken',
    Array.from({ length: 25 }, (_, i) => `${i}`),
  );
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe('not taken: 25');
  expect(lines.at(-1)).toBe('  and 15 more');
});
