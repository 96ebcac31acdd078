import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../bytes.ts';
import { vectors } from '../vectors/load.ts';
import { ConsoleParser, encodeConsole } from './console.ts';
import type { FrameEvent, FrameParser } from './frame.ts';
import { encodeRaw, RawParser } from './raw.ts';

const MAX_PACKET = 2048;
const LF = 0x0a;

const framings = [
  { name: 'console', make: () => new ConsoleParser(MAX_PACKET), encode: encodeConsole },
  { name: 'raw', make: () => new RawParser(MAX_PACKET), encode: encodeRaw },
] as const;

function packetsOf(events: readonly FrameEvent[]): readonly Uint8Array[] {
  return events.flatMap((event) => (event.type === 'packet' ? [event.packet] : []));
}

function feed(parser: FrameParser, bytes: Uint8Array, cut: number): readonly FrameEvent[] {
  const events: FrameEvent[] = [];
  for (let at = 0; at < bytes.length; at += cut) {
    events.push(...parser.push(bytes.subarray(at, at + cut)));
  }
  return events;
}

describe.each(framings)('$name framing', ({ make, encode }) => {
  const all = vectors.packets.map((vector) => vector.packet);

  test.each([1, 2, 7, 64, 100_000])(
    'finds every packet when the stream is cut every %i bytes',
    (cut) => {
      const stream = concat(all.map(encode));
      const events = feed(make(), stream, cut);
      expect(packetsOf(events)).toEqual(all);
      expect(events.every((event) => event.type === 'packet')).toBe(true);
    },
  );

  test('never throws, and the next good packet after a reset is found, whatever came before', () => {
    const good = all[0] ?? new Uint8Array();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 99 }),
        (noise, cut) => {
          const parser = make();
          feed(parser, noise, cut);
          parser.reset();
          expect(packetsOf(parser.push(encode(good)))).toEqual([good]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('console framing', () => {
  test.each(vectors.packets)('$name: reads the lines of the smp library', (vector) => {
    expect(new ConsoleParser(MAX_PACKET).push(vector.lines)).toEqual([
      { type: 'packet', packet: vector.packet },
    ]);
  });

  test('no line is longer than 127 bytes, each is base64 by itself, and none parts the CRC', () => {
    for (let length = 8; length < 600; length++) {
      const packet = new Uint8Array(length);
      const lines = splitLines(encodeConsole(packet));
      const sizes = lines.map((line) => atob(String.fromCharCode(...line.subarray(2, -1))).length);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(127);
      expect(sizes.at(-1)).toBeGreaterThanOrEqual(2);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(length + 4);
    }
  });

  test('text between frames comes out as text, also when it shares a line with a frame', () => {
    const packet = vectors.packets[0]?.packet ?? new Uint8Array();
    const text = (line: string): Uint8Array => new TextEncoder().encode(line);
    const parser = new ConsoleParser(MAX_PACKET);
    const stream = concat([text('boot 1\r\nno end'), encodeConsole(packet), text('\x1b[31mred\n')]);
    expect(parser.push(stream)).toEqual([
      { type: 'text', text: 'boot 1' },
      { type: 'text', text: 'no end' },
      { type: 'packet', packet },
      { type: 'text', text: '.[31mred' },
    ]);
  });

  test('a lost line feed costs nothing when the next line begins with a marker', () => {
    const packet = new Uint8Array(300).fill(7);
    const stream = encodeConsole(packet);
    const glued = concat(
      splitLines(stream).map((line, i, all) => (i < all.length - 1 ? line.slice(0, -1) : line)),
    );
    expect(packetsOf(new ConsoleParser(MAX_PACKET).push(glued))).toEqual([packet]);
  });

  test('a lost, flipped or doubled byte costs one packet and is reported', () => {
    const first = new Uint8Array(200).fill(1);
    const second = new Uint8Array(200).fill(2);
    const good = encodeConsole(first);
    for (let at = 0; at < good.length; at++) {
      for (const wrong of damaged(good, at)) {
        const parser = new ConsoleParser(MAX_PACKET);
        const events = parser.push(concat([wrong, encodeConsole(second)]));
        expect(packetsOf(events).at(-1), `byte ${at}`).toEqual(second);
      }
    }
  });

  test('a packet beyond the limit is refused at its first line, before it takes memory', () => {
    const events = new ConsoleParser(100).push(encodeConsole(new Uint8Array(101)));
    expect(events[0]).toMatchObject({ type: 'garbage', reason: 'length' });
    expect(packetsOf(events)).toEqual([]);
    expect(packetsOf(new ConsoleParser(101).push(encodeConsole(new Uint8Array(101))))).toHaveLength(
      1,
    );
  });

  test('a wrong checksum, an orphan and an interrupted packet are told apart', () => {
    const packet = new Uint8Array(200);
    const lines = splitLines(encodeConsole(packet));
    const [start = new Uint8Array(), middle = new Uint8Array(), end = new Uint8Array()] = lines;
    const reasons = (...parts: Uint8Array[]): readonly string[] =>
      new ConsoleParser(MAX_PACKET)
        .push(concat(parts))
        .flatMap((event) => (event.type === 'garbage' ? [event.reason] : []));
    const wrong = start.slice();
    // Another letter of base64: the bytes decode, their sum does not fit.
    wrong[20] = wrong[20] === 0x41 ? 0x42 : 0x41;
    expect(reasons(wrong, middle, end)).toEqual(['crc']);
    expect(reasons(middle)).toEqual(['orphan']);
    expect(reasons(start, start, middle, end)).toEqual(['incomplete']);
  });
});

describe('raw framing', () => {
  test('noise before a packet is skipped and counted', () => {
    const packet = vectors.packets[0]?.packet ?? new Uint8Array();
    const events = new RawParser(MAX_PACKET).push(
      concat([Uint8Array.of(0xff, 0x55, 0x99), packet]),
    );
    expect(events).toEqual([
      { type: 'garbage', reason: 'noise', bytes: 3 },
      { type: 'packet', packet },
    ]);
  });
});

function splitLines(stream: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const end = stream.indexOf(LF, at) + 1;
    lines.push(stream.slice(at, end));
    at = end;
  }
  return lines;
}

function damaged(bytes: Uint8Array, at: number): readonly Uint8Array[] {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] ?? 0) ^ 0x10;
  const lost = concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  const doubled = concat([bytes.subarray(0, at + 1), bytes.subarray(at)]);
  return [flipped, lost, doubled];
}
