import { describe, expect, it } from 'vitest';
import { logMelQ8, melTables } from './mel.ts';
import { Random } from './random.ts';

/** The same spectrogram in floating point, by the definition of the transform. */
function floatLogMel(samples: Int16Array, frame: number, hop: number, bands: number): number[] {
  const tables = melTables({ sampleRate: 20000, frame, hop, bands });
  const out: number[] = [];
  for (let from = 0; from + frame <= samples.length; from += hop) {
    const energy = new Array<number>(bands).fill(0);
    for (let k = 0; k <= frame / 2; k++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < frame; i++) {
        const x = (samples[from + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame));
        re += x * Math.cos((2 * Math.PI * k * i) / frame);
        im -= x * Math.sin((2 * Math.PI * k * i) / frame);
      }
      const share = (tables.weight[k] ?? 0) / 32768;
      const band = tables.band[k] ?? 0;
      const power = (re * re + im * im) * 128;
      if (band < bands) energy[band] = (energy[band] ?? 0) + power * share;
      if (band > 0) energy[band - 1] = (energy[band - 1] ?? 0) + power * (1 - share);
    }
    out.push(...energy.map((e) => 256 * Math.log2(Math.max(1, e))));
  }
  return out;
}

describe('integer log-mel spectrogram', () => {
  it('is within a hundredth of an octave of floating point where there is sound', () => {
    const random = new Random(4);
    const samples = Int16Array.from({ length: 1024 }, () => random.int(-8000, 8000));
    const [frame, hop, bands] = [256, 128, 20];
    const tables = melTables({ sampleRate: 20000, frame, hop, bands });
    const integers = logMelQ8(samples, tables);
    const floats = floatLogMel(samples, frame, hop, bands);
    expect(integers.length).toBe(floats.length);
    integers.forEach((v, i) => {
      expect(Math.abs(v - (floats[i] ?? 0)), `value ${i}`).toBeLessThan(2.56 + 1);
    });
  });

  it('finds a tone in its band and silence nowhere', () => {
    const [frame, hop, bands] = [512, 256, 40];
    const tables = melTables({ sampleRate: 20000, frame, hop, bands });
    const tone = Int16Array.from({ length: 512 }, (_, i) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 2000 * i) / 20000)),
    );
    const values = Array.from(logMelQ8(tone, tables));
    const bin = Math.round((2000 * frame) / 20000);
    const loudest = values.indexOf(Math.max(...values));
    expect([tables.band[bin], (tables.band[bin] ?? 0) - 1]).toContain(loudest);
    expect(Array.from(logMelQ8(new Int16Array(512), tables)).every((v) => v === 0)).toBe(true);
  });

  it('shares every bin between two neighbouring bands', () => {
    const { band } = melTables({ sampleRate: 20000, frame: 1024, hop: 512, bands: 64 });
    for (let k = 1; k < band.length; k++)
      expect(band[k] ?? 0).toBeGreaterThanOrEqual(band[k - 1] ?? 0);
    expect(band.at(-1)).toBe(64);
  });
});
