import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { bitNetwork } from './bit-network.ts';

/** Runs the generated statements as JavaScript, which has the same operators on 32-bit words. */
function run(lines: readonly string[], x: readonly number[], outputs: number): number[] {
  const out = new Array<number>(outputs).fill(0);
  const body = lines.map((line) => line.replace(/^const V /, 'const ')).join('\n');
  new Function('x', 'out', body)(x, out);
  return out;
}

describe('bit network', () => {
  it('agrees with counting, for 200 random convolutions of every size up to 40 inputs', () => {
    const random = new Random(5);
    let checked = 0;
    for (let round = 0; round < 200; round++) {
      const inputs = 1 + (round % 40);
      const channels = random.int(1, 6);
      const row = (): number[] => Array.from({ length: inputs }, () => random.int(0, 1));
      const weights = Array.from({ length: channels }, row);
      const limits = weights.map(() => random.int(-1, inputs + 2));
      const { lines } = bitNetwork(weights, limits);
      // 32 positions at once: bit b of every word is one position.
      const x = Array.from({ length: inputs }, () => random.uint32() | 0);
      const out = run(lines, x, channels);
      for (let b = 0; b < 32; b++) {
        weights.forEach((signs, n) => {
          const differing = signs.filter((w, i) => (((x[i] ?? 0) >>> b) & 1) !== w).length;
          const expected = differing < (limits[n] ?? 0) ? 1 : 0;
          expect(((out[n] ?? 0) >>> b) & 1, `inputs ${inputs}, channel ${n}`).toBe(expected);
          checked++;
        });
      }
    }
    console.log(`bit networks: ${checked} outputs agree with counting`);
  });

  it('shares the first adders among channels', () => {
    const weights = Array.from({ length: 8 }, (_, n) =>
      Array.from({ length: 30 }, (_, i) => (n >> (i % 3)) & 1),
    );
    const one = bitNetwork(weights.slice(0, 1), [15]).operations;
    const eight = bitNetwork(weights, new Array<number>(8).fill(15)).operations;
    expect(eight).toBeLessThan(8 * one);
  });
});
