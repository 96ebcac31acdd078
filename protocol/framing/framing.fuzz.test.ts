import { expect, it } from 'vitest';
import { vectors } from '../vectors/load.ts';
import { ConsoleParser, encodeConsole } from './console.ts';
import { encodeRaw, RawParser } from './raw.ts';

const MAX_PACKET = 2048;
const FRAMES = 500_000;

it.each([
  { name: 'console', parser: new ConsoleParser(MAX_PACKET), encode: encodeConsole },
  { name: 'raw', parser: new RawParser(MAX_PACKET), encode: encodeRaw },
])(
  'half a million generated $name frames: no exception, and a good one is always found after them',
  ({ parser, encode }) => {
    // Mutations of real frames reach deeper than noise: xorshift picks one, damages it, and glues it to the next.
    const stream = vectors.packets.map((vector) => encode(vector.packet));
    let x = 0x2545f491;
    const random = (below: number): number => {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      return (x >>> 0) % below;
    };
    for (let frame = 0; frame < FRAMES; frame++) {
      const bytes = (stream[random(8)] ?? new Uint8Array()).slice(0, 256);
      const hits = random(4);
      for (let hit = 0; hit < hits; hit++) bytes[random(bytes.length)] = random(256);
      parser.push(random(8) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
    }
    parser.reset();
    const found = parser.push(stream[1] ?? new Uint8Array());
    expect(found.filter((event) => event.type === 'packet')).toHaveLength(1);
  },
  300_000,
);
