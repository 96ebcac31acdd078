import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelMeter } from './level.ts';
import { BoundedQueue } from './queue.ts';
import { Windower } from './windows.ts';

const ramp = (from: number, count: number) =>
  Int16Array.from({ length: count }, (_, i) => from + i);

describe('Windower', () => {
  it('cuts the same windows however the audio comes in portions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 120 }),
        (portions, length, hop) => {
          const windower = new Windower(length, hop);
          let at = 0;
          const starts = portions.flatMap((count) => {
            const event = { kind: 'samples', samples: ramp(at, count), at: at / 20 } as const;
            at += count;
            return windower.push(event).map((window) => {
              expect([...window.samples]).toEqual([...ramp(window.samples[0] ?? -1, length)]);
              expect(window.at).toBeCloseTo((window.samples[0] ?? -1) / 20, 6);
              return window.samples[0];
            });
          });
          const expected = [];
          for (let start = 0; start + length <= at; start += hop) expected.push(start);
          expect(starts).toEqual(expected);
        },
      ),
    );
  });

  it('never spans a gap or two clips', () => {
    const windower = new Windower(10, 5);
    const take = (from: number, clip?: string) =>
      windower.push({
        kind: 'samples',
        samples: ramp(from, 8),
        at: 0,
        ...(clip === undefined ? {} : { clip: { file: clip } }),
      }).length;
    expect(take(0)).toBe(0);
    windower.push({ kind: 'gap', reason: 'overrun' });
    expect([take(100), take(108)]).toEqual([0, 2]);
    expect([take(0, 'a'), take(0, 'b'), take(8, 'b')]).toEqual([0, 0, 2]);
  });
});

describe('LevelMeter', () => {
  const second = (make: (i: number) => number) =>
    Int16Array.from({ length: 1000 }, (_, i) => make(i));
  const meter = () => new LevelMeter({ sampleRate: 1000, silenceAfterMs: 3000, silenceLevel: -80 });

  it('tells sound from silence from a dead converter', () => {
    const loud = meter();
    expect(loud.push(second((i) => 1000 * (i % 2)))).toBe('sound');
    const quiet = meter();
    const hiss = () => quiet.push(second((i) => i % 3));
    expect([hiss(), hiss(), hiss()]).toEqual(['short pause', 'short pause', 'silent']);
    expect(quiet.push(second((i) => 500 * (i % 2)))).toBe('sound');
    const dead = meter();
    const verdicts = Array.from({ length: 10 }, () => dead.push(second(() => 1234)));
    expect(verdicts.slice(0, 2)).toEqual(['short pause', 'short pause']);
    expect(verdicts.at(-2)).toBe('silent');
    expect(verdicts.at(-1)).toBe('flat');
  });
});

describe('BoundedQueue', () => {
  it('drops the oldest, counts them, and ends', async () => {
    const queue = new BoundedQueue<number>(3);
    for (let i = 0; i < 5; i++) queue.push(i);
    queue.end();
    expect([await queue.next(), await queue.next(), await queue.next()]).toEqual([2, 3, 4]);
    expect(await queue.next()).toBeUndefined();
    expect(queue.dropped).toBe(2);
  });
});
