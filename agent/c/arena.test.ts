import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { ALIGN, overlapGap, placeRegions, type Region } from './arena.ts';

function overlaps(a: Region, b: Region, offsets: ReadonlyMap<string, number>): boolean {
  const [x, y] = [offsets.get(a.id) ?? 0, offsets.get(b.id) ?? 0];
  return x < y + b.bytes && y < x + a.bytes;
}

describe('arena', () => {
  it('never lets two regions that live together overlap, unless one consumes the other from below', () => {
    const random = new Random(11);
    for (let round = 0; round < 300; round++) {
      const regions: Region[] = Array.from({ length: random.int(1, 12) }, (_, i) => {
        const from = random.int(0, 8);
        return { id: `r${i}`, bytes: random.int(1, 5000), from, to: from + random.int(0, 4) };
      });
      const source = regions[0];
      if (source !== undefined) {
        const over = { id: source.id, gap: random.int(0, 300) };
        regions.push({
          id: 'consumer',
          bytes: random.int(1, 5000),
          from: source.to,
          to: source.to + 1,
          over,
        });
      }
      const { offsets, bytes } = placeRegions(regions);
      for (const a of regions) {
        const at = offsets.get(a.id) ?? -1;
        expect(at % ALIGN).toBe(0);
        expect(at + a.bytes).toBeLessThanOrEqual(bytes);
        for (const b of regions) {
          if (a === b || a.from > b.to || b.from > a.to || !overlaps(a, b, offsets)) continue;
          const [top, under] = a.over?.id === b.id ? [b, a] : [a, b];
          expect(under.over?.id, `${a.id} and ${b.id} overlap`).toBe(top.id);
          const distance = (offsets.get(top.id) ?? 0) - (offsets.get(under.id) ?? 0);
          expect(distance).toBeGreaterThanOrEqual(under.over?.gap ?? 0);
        }
      }
    }
  });

  it('keeps what a row-by-row layer has still to read, seen byte by byte', () => {
    const random = new Random(12);
    for (let round = 0; round < 200; round++) {
      const [outRows, outRowBytes, inRowBytes] = [
        random.int(1, 9),
        random.int(1, 40),
        random.int(1, 40),
      ];
      const step = random.int(1, 2);
      const nextRead = (r: number): number => Math.max(0, (r + 1) * step - 1);
      const gap = overlapGap({ outRows, outRowBytes, inRowBytes, nextRead });
      // Input begins `gap` bytes above the output: after row r, nothing from row nextRead(r) on is overwritten.
      for (let r = 0; r + 1 < outRows; r++) {
        expect((r + 1) * outRowBytes).toBeLessThanOrEqual(gap + nextRead(r) * inRowBytes);
      }
    }
  });
});
