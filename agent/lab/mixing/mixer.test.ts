import { describe, expect, it } from 'vitest';
import { TrainingRandom } from '../../tape/random.ts';
import { Loudness, loudestFrame } from './loudness.ts';
import { Mixer, mixSource } from './mixer.ts';

const shape = { classes: 3, sampleRate: 20000, window: 4000 };
const clips = [0, 1, 2, 0].map((label, i) => ({
  label,
  samples: Int16Array.from({ length: 5000 + 100 * i }, (_, t) => 5000 * Math.sin(t * (0.1 + i))),
}));

describe('between-class mixtures', () => {
  const mixer = new Mixer(mixSource(clips, shape));

  it('depend on their key alone', () => {
    const first = mixer.batch(8, 1, 5);
    mixer.batch(8, 1, 6);
    expect(mixer.batch(8, 1, 5)).toEqual(first);
    expect(new Mixer(mixSource(clips, shape)).batch(8, 1, 5)).toEqual(first);
    expect(mixer.batch(8, 2, 5)).not.toEqual(first);
  });

  it('are of two different classes whose shares add up to one', () => {
    const { labels, windows } = mixer.batch(64, 3);
    for (let i = 0; i < 64; i++) {
      const row = labels.subarray(i * 3, i * 3 + 3);
      expect(row.filter((p) => p > 0).length).toBe(2);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
    // Full scale is 1, the gain at most 6 dB, and mixing keeps the energy of its parts.
    expect(windows.every((x) => Math.abs(x) < 2 * Math.SQRT2)).toBe(true);
    expect(windows.some((x) => Math.abs(x) > 0.05)).toBe(true);
  });
});

describe('loudness', () => {
  const loudness = new Loudness(20000);
  const tone = (hz: number, amplitude: number): Float32Array =>
    Float32Array.from(
      { length: 8192 },
      (_, t) => amplitude * Math.sin((2 * Math.PI * hz * t) / 20000),
    );
  const of = (samples: Float32Array): number =>
    loudestFrame(loudness.frames(samples), 0, samples.length);

  it('follows the A-weighting curve of IEC 61672', () => {
    const at1k = of(tone(1000, 0.5));
    expect(of(tone(100, 0.5)) - at1k).toBeCloseTo(-19.1, 0);
    expect(of(tone(4000, 0.5)) - at1k).toBeCloseTo(1.0, 0);
  });

  it('rises by 20 dB with ten times the amplitude, and has a floor', () => {
    expect(of(tone(1000, 0.5)) - of(tone(1000, 0.05))).toBeCloseTo(20, 3);
    expect(of(new Float32Array(8192))).toBe(-80);
  });

  it('is that of the loudest frame within the stretch', () => {
    const samples = new Float32Array(16384);
    samples.set(tone(1000, 0.5), 8192);
    const frames = loudness.frames(samples);
    expect(loudestFrame(frames, 0, 8192)).toBeLessThan(loudestFrame(frames, 8192, 16384) - 20);
  });
});

describe('random numbers of a training', () => {
  it('are uniform, and unrelated between neighbouring keys', () => {
    const a = new TrainingRandom(1, 1);
    const b = new TrainingRandom(1, 2);
    let sum = 0;
    let product = 0;
    const count = 20000;
    for (let i = 0; i < count; i++) {
      const [x, y] = [a.uniform() - 0.5, b.uniform() - 0.5];
      sum += x;
      product += x * y;
    }
    expect(Math.abs(sum / count)).toBeLessThan(0.01);
    expect(Math.abs(product / count)).toBeLessThan(0.005);
  });
});
