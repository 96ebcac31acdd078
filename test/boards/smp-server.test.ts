import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../protocol/crc.ts';
import { ConsoleParser, encodeConsole } from '../../protocol/framing/console.ts';
import { decodePacket, encodePacket, type SmpPacket } from '../../protocol/smp/packet.ts';
import { vectors } from '../../protocol/vectors/load.ts';
import { VENDOR_GROUP, vendorCommand } from '../../protocol/vendor.ts';
import { run } from './host-c.ts';
import { hostImage, useSmpHost } from './smp-host.ts';

const FRAMES = 1_000_000;
const RUNS = 2;
const server = useSmpHost();
const image = server.write('image', hostImage(0));

/** What the server answers to these bytes, packet by packet. */
function answers(bytes: Uint8Array): readonly SmpPacket[] {
  const out = execFileSync(server.path, [image], { input: bytes });
  return new ConsoleParser(8192).push(out).flatMap((event) => {
    if (event.type !== 'packet') throw new Error(`${event.type} between answers`);
    const packet = decodePacket(event.packet);
    if (!packet.ok) throw new Error(packet.error);
    return [packet.value];
  });
}

function ask(op: 0 | 2, command: number, body: Readonly<Record<string, unknown>>): Uint8Array {
  const fields = { version: 2, op, group: VENDOR_GROUP, command, sequence: 0 } as const;
  return encodeConsole(encodePacket(fields, body));
}

describe('the SMP server in C, under ASan and UBSan', () => {
  test('answers every golden request in its version, group and sequence', () => {
    const requests = vectors.packets.filter(({ op }) => op === 0 || op === 2);
    for (const { lines, op, group, command, seq, version } of requests) {
      const [answer, ...more] = answers(lines);
      expect(more).toEqual([]);
      expect(answer?.header).toMatchObject({ version, op: op + 1, group, command, sequence: seq });
    }
    const echo = vectors.packets.find(({ name }) => name === 'echo')?.lines ?? new Uint8Array();
    expect(answers(echo)[0]?.body).toEqual({ r: 'hello' });
    console.log(`${requests.length} golden requests answered`);
  });

  test('follows the table of audio chunks', () => {
    const window = Buffer.alloc(2 * 3001, 1);
    const audio = (win: number, off: number, data: Uint8Array, crc?: number) =>
      ask(2, vendorCommand.audio, { win, off, data, ...(crc === undefined ? {} : { crc }) });
    const first = window.subarray(0, 3000);
    const rest = window.subarray(3000);
    const steps: readonly (readonly [Uint8Array, Readonly<Record<string, unknown>>])[] = [
      [audio(5, 10, first), { win: 5, off: 0 }],
      [audio(5, 0, first), { win: 5, off: 3000 }],
      [audio(5, 0, first), { win: 5, off: 3000 }],
      [audio(5, 3000, rest), { rc: 3 }],
      [audio(5, 3000, first.subarray(0, 7)), { rc: 3 }],
      [audio(5, 3000, Buffer.alloc(3004)), { rc: 3 }],
      [audio(5, 3000, rest, 1), { rc: 9 }],
      [audio(5, 3000, rest, crc32(window)), { win: 5, off: 0 }],
      [audio(6, 0, first), { win: 6, off: 3000 }],
      [audio(7, 0, first), { win: 7, off: 3000 }],
      [audio(7, 3000, rest, crc32(window)), { win: 7, off: 6002 }],
    ];
    const replies = answers(Buffer.concat(steps.map(([bytes]) => bytes)));
    expect(replies.map(({ body }) => body)).toEqual(steps.map(([, reply]) => reply));
  });

  test('takes a packet of just the announced size, and drops a longer one unanswered', () => {
    const chunk = (bytes: number) =>
      ask(2, vendorCommand.audio, { win: 2 ** 31 - 1, off: 0, data: new Uint8Array(bytes) });
    // Header 8, map and keys 14, the numbers 5 and 1, the head of the data 3: 4,095 and 4,097 of 4,096 bytes.
    const [taken, stats, ...more] = answers(
      Buffer.concat([chunk(4064), chunk(4066), ask(0, vendorCommand.stats, {})]),
    );
    expect(taken?.body).toEqual({ win: 2 ** 31 - 1, off: 4064 });
    expect(stats?.body).toMatchObject({ frames: 2, badcrc: 0 });
    expect(stats?.body.badfrm).toBeGreaterThan(0);
    expect(more).toEqual([]);
    // With every number at its longest, this much still fits.
    const longest = { win: 2 ** 31 - 1, off: 70_000, crc: 2 ** 32 - 1, data: new Uint8Array(4052) };
    expect(answers(ask(2, vendorCommand.audio, longest))).toHaveLength(1);
  });

  test('lets a client start at now, and skips keys that it does not know', () => {
    const window = Buffer.alloc(2 * 3001, 1);
    const audio = (win: number, off: number, more: Readonly<Record<string, unknown>>) =>
      ask(2, vendorCommand.audio, { win, off, data: window.subarray(off, off + 3000), ...more });
    const last = { data: window.subarray(3000), crc: crc32(window) };
    const results = (more: Readonly<Record<string, unknown>>) =>
      ask(0, vendorCommand.results, more);
    const replies = answers(
      Buffer.concat([
        ...[audio(1, 0, { later: [1, { x: 'y' }] }), audio(1, 3000, last)],
        // Empty lines, while the server finishes the inference.
        Buffer.alloc(8192, '\n'),
        ...[results({ seq: 0, max: 0 }), results({ seq: 2, new: true }), results({ seq: 1 })],
        results({ max: 3 }),
      ]),
    ).map(({ body }) => body);
    expect(replies.slice(0, 2).map(({ off }) => off)).toEqual([3000, 6002]);
    expect(replies[2]).toMatchObject({ first: 1, next: 2, recs: [] });
    expect(replies[3]).toMatchObject({ recs: [] });
    expect(replies[4]).toMatchObject({ recs: [{ seq: 1, win: 1 }] });
    expect(replies[5]).toEqual({ rc: 3 });
  });

  test(`takes ${FRAMES} wrong frames without a crash and answers the next right one`, async () => {
    const runs = Array.from({ length: RUNS }, (_, seed) =>
      run(server.path, [image, String(FRAMES / RUNS), String(seed + 1)]),
    );
    for (const { stdout } of await Promise.all(runs)) {
      console.log(stdout.trim());
      expect(stdout).toMatch(/0 crashes/);
      expect(Number(/(\d+) answers/.exec(stdout)?.[1])).toBeGreaterThan(FRAMES / RUNS / 20);
    }
  }, 600_000);
});
