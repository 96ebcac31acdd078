import { describe, expect, it } from 'vitest';
import { networkOf, resultOf } from '../../test/run/results.ts';
import { Detector } from './detector.ts';

const rules = { threshold: 0.6, windows: 2, cooldown: 10_000, classes: {} };
const SOUNDS = ['dog', 'rain'];
const [mine, other] = [networkOf('mine', SOUNDS), networkOf('other', SOUNDS)];
const mineAlone = { network: 'mine' } as const;

/** A detector of one network, by its verdicts. */
function detectorOf(changes: object = {}) {
  const detector = new Detector({ ...rules, ...changes }, mineAlone);
  const push = (at: number, name: string, confidence = 0.9) =>
    detector.detect([resultOf(mine, name, confidence)], at);
  return { push, interrupt: () => detector.interrupt() };
}

describe('Detector', () => {
  it('waits for so many windows in a row', () => {
    const detector = detectorOf();
    expect(detector.push(0, 'dog')).toBeUndefined();
    expect(detector.push(1000, 'rain')).toBeUndefined();
    expect(detector.push(2000, 'dog')).toBeUndefined();
    expect(detector.push(3000, 'dog')).toMatchObject({ class: 'dog', windows: 2 });
  });

  it('starts over at a window below the threshold, and where audio is not continuous', () => {
    const detector = detectorOf();
    detector.push(0, 'dog');
    detector.push(1000, 'dog', 0.59);
    expect(detector.push(2000, 'dog')).toBeUndefined();
    detector.interrupt();
    expect(detector.push(3000, 'dog')).toBeUndefined();
    expect(detector.push(4000, 'dog')).toBeDefined();
  });

  it('is quiet about a class for its cool-down, not about others', () => {
    const detector = detectorOf({ windows: 1 });
    const found = [0, 9999, 10_000].map((at) => detector.push(at, 'dog') !== undefined);
    expect(found).toEqual([true, false, true]);
    expect(detector.push(10_500, 'rain')).toBeDefined();
  });

  it('does not stay quiet when the clock is set back', () => {
    const detector = detectorOf({ windows: 1 });
    expect(detector.push(1e12, 'dog')).toBeDefined();
    expect(detector.push(1000, 'dog')).toBeDefined();
  });

  it('follows the rules of single classes', () => {
    const classes = {
      dog: { enabled: true, threshold: 0.95, cooldown: 0 },
      rain: { enabled: false },
    };
    const detector = detectorOf({ windows: 1, classes });
    expect(detector.push(0, 'dog', 0.94)).toBeUndefined();
    expect(detector.push(1, 'dog', 0.96)).toBeDefined();
    expect(detector.push(2, 'dog', 0.96)).toBeDefined();
    expect(detector.push(3, 'rain', 1)).toBeUndefined();
  });

  it('follows two networks only where they agree, as sure as the less sure', () => {
    const pair = ['mine', 'other'] as [string, string];
    const detector = new Detector({ ...rules, windows: 1, cooldown: 0 }, { pair });
    const say = (a: string, b: string) =>
      detector.detect([resultOf(mine, a, 0.9), resultOf(other, b, 0.7)], 0);
    expect(say('dog', 'rain')).toBeUndefined();
    expect(say('dog', 'dog')).toEqual({
      ...{ class: 'dog', confidence: 0.7, network: 'agree', pair, windows: 1 },
    });
    expect(detector.detect([resultOf(mine, 'dog')], 0)).toBeUndefined();
  });

  it('takes new rules without forgetting what it detected a moment ago', () => {
    const detector = new Detector({ ...rules, windows: 1 }, mineAlone);
    const say = (at: number, network = mine) => detector.detect([resultOf(network, 'dog')], at);
    expect(say(0)).toMatchObject({ network: 'mine' });
    detector.reload({ ...rules, windows: 1 }, { network: 'other' });
    expect(say(20_000)).toBeUndefined();
    expect(say(5000, other)).toBeUndefined();
    expect(say(20_000, other)).toMatchObject({ network: 'other' });
  });
});
