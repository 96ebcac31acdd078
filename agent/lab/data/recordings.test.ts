import { describe, expect, it } from 'vitest';
import { dealFolds, dealingNotes } from './deal.ts';
import { groupBy, recordingOf } from './recordings.ts';

describe('the recording a clip was cut from', () => {
  it.each([
    ['rec1-0', 'rec1-1'],
    ['garden_walk_1', 'garden_walk_12'],
    ['kitchen.part2', 'kitchen.part10'],
    ['kitchen part 2', 'kitchen part 3'],
    ['street (2)', 'street (3)'],
    ['site7_chunk003', 'site7_chunk004'],
    ['123456__anna__yard-1', '123456__anna__yard-2'],
    ['1-100032-A-0', '1-100032-B-0'],
    ['101415-3-0-2', '101415-3-0-8'],
    ['0a7c2a8d_nohash_0', '0a7c2a8d_nohash_4'],
    ['dog.2f8h1.s1.ingestion-7d5-abc', 'dog.2f8h1.s2.ingestion-7d5-xyz'],
    ['dog.2f8h1.s1', 'dog.2f8h1.s2'],
  ])('is one of %s and %s', (a, b) => {
    expect(recordingOf(a, 'dog')).toBe(recordingOf(b, 'dog'));
  });

  it.each([
    ['0', '1'],
    ['dog-1', 'dog-2'],
    ['Dog (1)', 'Dog (2)'],
    ['rec_001', 'rec_002'],
    ['rec1-0', 'rec2-0'],
    ['1-100032-A-0', '1-100033-A-0'],
    ['101415-3-0-2', '101416-3-0-2'],
    ['dog.2f8h1.ingestion-7d5', 'dog.9c1aa.ingestion-7d5'],
  ])('is not one of %s and %s, which count recordings', (a, b) => {
    expect(recordingOf(a, 'dog')).not.toBe(recordingOf(b, 'dog'));
  });

  it('is one across classes where its name says so, and not where it is a bare number', () => {
    expect(recordingOf('garden-0', 'dog')).toBe(recordingOf('garden-1', 'bird'));
    expect(recordingOf('17', 'dog')).not.toBe(recordingOf('17', 'bird'));
  });

  it("is what the user's pattern captures", () => {
    const of = groupBy('([a-z]+)\\d+\\.wav$');
    expect(of('dog/anna1.wav')).toBe(of('dog/anna2.wav'));
    expect(of('dog/anna1.wav')).not.toBe(of('dog/bert1.wav'));
    expect(of('dog/1.ogg')).not.toBe(of('dog/2.ogg'));
    expect(() => groupBy('(')).toThrow(/--group \( is no regular expression/);
  });
});

describe('dealt folds', () => {
  const clips = ['cat', 'dog'].flatMap((category) =>
    Array.from({ length: 40 }, (_, i) => ({ category, recording: `${category}${i >> 2}` })),
  );

  it('keep a recording together and share each class out evenly', () => {
    const folds = dealFolds(clips);
    const byRecording = new Map<string, Set<number>>();
    clips.forEach(({ recording }, i) => {
      byRecording.set(recording, (byRecording.get(recording) ?? new Set()).add(folds[i] ?? 0));
    });
    expect([...byRecording.values()].every((found) => found.size === 1)).toBe(true);
    for (const category of ['cat', 'dog']) {
      for (const fold of [1, 2, 3, 4, 5]) {
        const there = clips.filter((c, i) => c.category === category && folds[i] === fold);
        expect(there).toHaveLength(8);
      }
    }
    expect(dealFolds(clips)).toEqual(folds);
  });

  it('say where a class has fewer recordings than folds', () => {
    const few = [
      ...clips,
      { category: 'owl', recording: 'o1' },
      { category: 'owl', recording: 'o2' },
    ];
    expect(dealingNotes(few, 'rule').join('\n')).toMatch(/owl has 2 recordings for 5 folds/);
    expect(dealingNotes(clips, 'rule')).toHaveLength(1);
  });
});
