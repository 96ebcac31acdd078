import { describe, expect, it } from 'vitest';
import { Detector } from './detector.ts';

const rules = { threshold: 0.6, windows: 2, cooldown: 10_000, classes: {} };
const heard = (at: number, name: string, confidence = 0.9) => ({
  window: `w${at}`,
  at,
  class: name,
  confidence,
});

describe('Detector', () => {
  it('waits for so many windows in a row', () => {
    const detector = new Detector(rules);
    expect(detector.push(heard(0, 'dog'))).toBeUndefined();
    expect(detector.push(heard(1000, 'rain'))).toBeUndefined();
    expect(detector.push(heard(2000, 'dog'))).toBeUndefined();
    expect(detector.push(heard(3000, 'dog'))).toMatchObject({ class: 'dog', windows: 2 });
  });

  it('starts over at a window below the threshold, and where audio is not continuous', () => {
    const detector = new Detector(rules);
    detector.push(heard(0, 'dog'));
    detector.push(heard(1000, 'dog', 0.59));
    expect(detector.push(heard(2000, 'dog'))).toBeUndefined();
    detector.interrupt();
    expect(detector.push(heard(3000, 'dog'))).toBeUndefined();
    expect(detector.push(heard(4000, 'dog'))).toBeDefined();
  });

  it('is quiet about a class for its cool-down, not about others', () => {
    const detector = new Detector({ ...rules, windows: 1 });
    const found = [0, 9999, 10_000].map((at) => detector.push(heard(at, 'dog')) !== undefined);
    expect(found).toEqual([true, false, true]);
    expect(detector.push(heard(10_500, 'rain'))).toBeDefined();
  });

  it('does not stay quiet when the clock is set back', () => {
    const detector = new Detector({ ...rules, windows: 1 });
    expect(detector.push(heard(1e12, 'dog'))).toBeDefined();
    expect(detector.push(heard(1000, 'dog'))).toBeDefined();
  });

  it('follows the rules of single classes', () => {
    const classes = {
      dog: { enabled: true, threshold: 0.95, cooldown: 0 },
      rain: { enabled: false },
    };
    const detector = new Detector({ ...rules, windows: 1, classes });
    expect(detector.push(heard(0, 'dog', 0.94))).toBeUndefined();
    expect(detector.push(heard(1, 'dog', 0.96))).toBeDefined();
    expect(detector.push(heard(2, 'dog', 0.96))).toBeDefined();
    expect(detector.push(heard(3, 'rain', 1))).toBeUndefined();
  });
});
