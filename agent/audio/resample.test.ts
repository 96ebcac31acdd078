import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler, resample, toInt16 } from './resample.ts';

function tone(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rate),
  );
}

/** Root mean square of the middle half, away from the edges, in dB against a full sine. */
function level(samples: Float32Array): number {
  const middle = samples.subarray(samples.length >> 2, (3 * samples.length) >> 2);
  const power = middle.reduce((sum, x) => sum + x * x, 0) / middle.length;
  return 10 * Math.log10(2 * power + 1e-20);
}

describe('resample', () => {
  it.each([
    [44100, 100],
    [44100, 1000],
    [44100, 7900],
    [48000, 5000],
    [16000, 3000],
    [22050, 6000],
  ])('keeps a tone in the pass band in level and phase (%i Hz in, %i Hz)', (rate, hz) => {
    const out = resample(tone(hz, rate, 0.5), rate, 20000);
    const expected = tone(hz, 20000, 0.5);
    const error = out.map((x, i) => x - (expected[i] ?? 0));
    expect(out.length).toBe(10000);
    expect(level(out)).toBeCloseTo(0, 1);
    expect(level(error)).toBeLessThan(-60);
  });

  it.each([
    [44100, 12000],
    [44100, 20000],
    [48000, 10100],
    [96000, 30000],
  ])('removes what would alias (%i Hz in, %i Hz)', (rate, hz) => {
    expect(level(resample(tone(hz, rate, 0.5), rate, 20000))).toBeLessThan(-75);
  });

  it('gives the same outputs however the stream was cut', () => {
    const input = tone(441, 44100, 0.1);
    const whole = resample(input, 44100, 20000);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }), (sizes) => {
        const resampler = new Resampler(44100, 20000);
        const out: number[] = [];
        for (let at = 0, n = 0; at < input.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          out.push(...resampler.push(input.subarray(at, at + size)));
          at += size;
        }
        out.push(...resampler.flush());
        expect(Float32Array.from(out)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps a constant and the exact length', () => {
    const out = resample(new Float32Array(11025).fill(0.5), 11025, 20000);
    expect(out.length).toBe(20000);
    expect(out[10000]).toBeCloseTo(0.5, 5);
  });

  it('clips to 16 bits', () => {
    expect([...toInt16(Float32Array.from([-2, -1, -0.5, 0, 0.5, 2]))]).toEqual([
      -32768, -32768, -16384, 0, 16384, 32767,
    ]);
  });
});
