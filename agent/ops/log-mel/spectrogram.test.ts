import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { LOG_MEL_FRAMES } from './layer.ts';
import { realTransform } from './real-transform.ts';
import { logMelQ8 } from './spectrogram.ts';
import { type MelTables, melTables } from './tables.ts';

interface Bin {
  readonly re: number;
  readonly im: number;
}

/** Bins of one frame under a Hann window in floating point, by the definition of the transform. */
function floatBins(samples: Int16Array, from: number, frame: number): readonly Bin[] {
  return Array.from({ length: frame / 2 + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    for (let i = 0; i < frame; i++) {
      const x = (samples[from + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame));
      re += x * Math.cos((2 * Math.PI * k * i) / frame);
      im -= x * Math.sin((2 * Math.PI * k * i) / frame);
    }
    return { re, im };
  });
}

/** Band whose filter rises at a bin. */
function risingBand({ edge }: MelTables, k: number): number {
  return edge.findIndex((bin, b) => bin <= k && k < (edge[b + 1] ?? 0));
}

/** The same spectrogram in floating point. */
function floatLogMel(samples: Int16Array, tables: MelTables): number[] {
  const { frame, hop, bands } = tables;
  const out: number[] = [];
  for (let from = 0; from + frame <= samples.length; from += hop) {
    const energy = new Array<number>(bands).fill(0);
    floatBins(samples, from, frame).forEach(({ re, im }, k) => {
      const share = (tables.weight[k] ?? 0) / 32768;
      const band = risingBand(tables, k);
      const power = (re * re + im * im) * 128;
      if (band < bands) energy[band] = (energy[band] ?? 0) + power * share;
      if (band > 0) energy[band - 1] = (energy[band - 1] ?? 0) + power * (1 - share);
    });
    out.push(...energy.map((e) => 256 * Math.log2(Math.max(1, e))));
  }
  return out;
}

function noise(count: number, amplitude: number): Int16Array {
  const random = new Random(4);
  return Int16Array.from({ length: count }, () => random.int(-amplitude, amplitude));
}

describe('integer log-mel spectrogram', () => {
  it.each([
    { frame: 256, amplitude: 8000, most: 0.1 },
    { frame: 512, amplitude: 32767, most: 0.1 },
    { frame: 1024, amplitude: 300, most: 0.1 },
    // Noise of five steps of a sample, the quietest that MEL_RANGE is for.
    { frame: 512, amplitude: 5, most: 4 },
  ])(
    'is floating point rounded down, within $most steps: frames of $frame, sound of $amplitude',
    (sound) => {
      const { frame, amplitude, most } = sound;
      const tables = melTables({ sampleRate: 20000, frame, hop: frame / 2, bands: 20 });
      const samples = noise(3 * frame, amplitude);
      const integers = logMelQ8(tables)(samples);
      const floats = floatLogMel(samples, tables);
      const differences = floats.map((v, i) => (integers[i] ?? 0) - v);
      expect(integers).toHaveLength(floats.length);
      expect(Math.min(...differences)).toBeGreaterThan(-1 - most);
      expect(Math.max(...differences)).toBeLessThan(most);
    },
  );

  it('finds a tone in its band and silence nowhere', () => {
    const [frame, hop, bands] = [512, 256, 40];
    const tables = melTables({ sampleRate: 20000, frame, hop, bands });
    const tone = Int16Array.from({ length: 512 }, (_, i) =>
      Math.round(8000 * Math.sin((2 * Math.PI * 2000 * i) / 20000)),
    );
    const values = Array.from(logMelQ8(tables)(tone));
    const rising = risingBand(tables, Math.round((2000 * frame) / 20000));
    expect([rising, rising - 1]).toContain(values.indexOf(Math.max(...values)));
    expect(logMelQ8(tables)(new Int16Array(512)).every((v) => v === 0)).toBe(true);
  });

  it('shares every bin between two neighbouring bands, of which some have none', () => {
    for (const [frame, bands] of [
      [1024, 64],
      [64, 40],
    ] as const) {
      const { edge, weight } = melTables({ sampleRate: 20000, frame, hop: frame, bands });
      expect(edge).toHaveLength(bands + 2);
      expect([edge[0], edge.at(-1)]).toEqual([0, weight.length]);
      expect([...edge]).toEqual([...edge].sort((a, b) => a - b));
      expect(new Set(edge).size < edge.length).toBe(frame === 64);
    }
  });
});

/** Full scale with the sign of some bin's turn, for all samples or for the parts of the complex transform. */
const FULL_SCALE: readonly ((i: number, frame: number) => number)[] = [
  () => 1,
  (i) => (i % 2 === 0 ? 1 : -1),
  (i) => (i % 4 < 2 ? 1 : -1),
  (i, frame) => Math.cos((2 * Math.PI * i) / frame),
  (i, frame) => Math.cos((6 * Math.PI * (i >> 1)) / (frame / 2) + (i % 2 === 0 ? 0 : Math.PI / 2)),
];

describe('integer transform of a frame', () => {
  /** Largest distance of a bin from floating point, and the largest bin there. */
  function compare(samples: Int16Array): { readonly off: number; readonly most: number } {
    const frame = samples.length;
    const tables = melTables({ sampleRate: 20000, frame, hop: frame, bands: 1 });
    const { re, im, transform } = realTransform(tables.window, tables.twiddle);
    transform(samples, 0);
    const scale = 1024 / frame;
    const bins = floatBins(samples, 0, frame);
    const off = bins.map((bin, k) => {
      const conjugated = 4 * k > frame ? -1 : 1;
      const distance = (im[k] ?? 0) - conjugated * bin.im * scale;
      return Math.hypot((re[k] ?? 0) - bin.re * scale, distance);
    });
    const most = Math.max(...bins.map((bin) => Math.hypot(bin.re, bin.im))) * scale;
    return { off: Math.max(...off), most };
  }

  it.each(LOG_MEL_FRAMES)('of %i samples: bins of floating point, 2^10 / N times', (frame) => {
    for (const amplitude of [32767, 5]) {
      const { off, most } = compare(noise(frame, amplitude));
      expect(off).toBeLessThan(2.5 + most / 2 ** 12.5);
    }
  });

  it.each(LOG_MEL_FRAMES)('of %i samples at full scale: no number leaves its 32 bits', (frame) => {
    for (const sign of FULL_SCALE) {
      const samples = Int16Array.from({ length: frame }, (_, i) =>
        sign(i, frame) > 0 ? -32768 : 32767,
      );
      const { off, most } = compare(samples);
      expect(most).toBeGreaterThan(2 ** 22);
      expect(off).toBeLessThan(most / 2 ** 12);
    }
  });
});
