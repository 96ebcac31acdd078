import { describe, expect, it } from 'vitest';
import { evaluateClips, pooled, testWindows, wilson, windowsBetween } from './evaluation.ts';

describe('test windows', () => {
  it('are ten, the first and last half in silence, evenly spaced', () => {
    const clip = Int16Array.from({ length: 100 }, (_, i) => i + 1);
    const windows = testWindows(clip, 31);
    expect(windows.length).toBe(10);
    // 15 zeros, then the clip; the step is floor((130 - 31) / 9) = 11.
    expect([...(windows[0] ?? [])].slice(13, 18)).toEqual([0, 0, 1, 2, 3]);
    expect(windows[1]?.[4]).toBe(1);
    expect(windows[9]?.length).toBe(31);
  });

  it('have others midway between them, none at the silent ends', () => {
    const clip = Int16Array.from({ length: 100 }, (_, i) => i + 1);
    const starts = windowsBetween(clip, 31).map((window) => window[0]);
    // 2.5, 3.5, .. 6.5 steps of 11 into the padded clip, which begins with 15 zeros.
    expect(starts).toEqual([13, 24, 35, 46, 57]);
  });
});

describe('an evaluation', () => {
  const clips = [0, 0, 1].map((label, i) => ({
    name: `${i}`,
    fold: 1,
    label,
    samples: new Int16Array(50).fill(i + 1),
  }));
  /** Right about clips 0 and 2 as wholes; of clip 1 six of ten windows are wrong. */
  const classify = (windows: readonly Int16Array[]): Float32Array => {
    const which = windows[5]?.[5];
    return Float32Array.from({ length: windows.length * 2 }, (_, i) => {
      const row = Math.floor(i / 2);
      const given = which === 1 ? 0 : which === 3 ? 1 : row < 6 ? 1 : 0;
      return i % 2 === given ? 0.9 : 0.1;
    });
  };

  it('counts clips by averaged probabilities and windows one by one', () => {
    const e = evaluateClips(clips, 2, 21, classify);
    expect(e.correct).toBe(2);
    expect(e.confusion).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(e.recall).toEqual([0.5, 1]);
    // A class without clips was never put to the test: its recall is not 0.
    const idle = (windows: readonly Int16Array[]) => new Float32Array(windows.length * 3);
    expect(evaluateClips(clips, 3, 21, idle).recall).toEqual([1, 0, null]);
    expect(e.singleWindowAccuracy).toBeCloseTo(24 / 30);
    const twice = pooled([e, e]);
    expect(twice.clips).toBe(6);
    expect(twice.singleWindowAccuracy).toBeCloseTo(e.singleWindowAccuracy);
  });

  it("has Wilson's interval", () => {
    // Newcombe 1998, table I: 81 of 263.
    const [low, high] = wilson(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(10, 10)[1]).toBeCloseTo(1, 6);
  });
});
