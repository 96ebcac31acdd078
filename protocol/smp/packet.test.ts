import { describe, expect, test } from 'vitest';
import { decodeMap } from '../cbor.ts';
import { vectors } from '../vectors/load.ts';
import { decodePacket, encodePacket } from './packet.ts';
import { outcomeOf, refusalWords } from './reply.ts';

describe('packets', () => {
  test.each(vectors.packets)('$name: read and written as the smp library does', (vector) => {
    const packet = decodePacket(vector.packet);
    if (!packet.ok) throw new Error(packet.error);
    const { header, body } = packet.value;
    expect(header).toMatchObject({
      version: vector.version,
      op: vector.op,
      group: vector.group,
      command: vector.command,
      sequence: vector.seq,
      length: vector.body.length,
    });
    const again = encodePacket({ ...header, sequence: vector.seq, command: vector.command }, body);
    const reread = decodePacket(again);
    expect(reread).toEqual(packet);
    // Length-first key order is canonical; the smp library writes requests in the order of their fields.
    expect(again.length).toBe(vector.packet.length);
  });

  test('every truncation and every wrong header byte is a value, not an exception', () => {
    const packet = vectors.packets[0]?.packet ?? new Uint8Array();
    for (let end = 0; end < packet.length; end++) {
      expect(decodePacket(packet.subarray(0, end)).ok).toBe(false);
    }
    for (const first of [0x04, 0x10, 0x18, 0x20, 0xff]) {
      const wrong = packet.slice();
      wrong[0] = first;
      expect(decodePacket(wrong).ok).toBe(false);
    }
  });
});

describe('CBOR', () => {
  test.each([
    ['', 'nothing'],
    ['80', 'an array'],
    ['a0a0', 'two maps'],
    ['a161', 'a cut map'],
    ['a2616101616102', 'a key twice'],
    ['bb7fffffffffffffff', 'a map of 2^63 pairs'],
  ])('%s (%s) is refused', (hex) => {
    expect(decodeMap(Uint8Array.from(Buffer.from(hex, 'hex'))).ok).toBe(false);
  });

  test('nesting that would exhaust the stack is refused', () => {
    const deep = new Uint8Array(60_000).fill(0x81);
    deep.set([0xa1, 0x61, 0x61]);
    expect(decodeMap(deep).ok).toBe(false);
  });
});

describe('replies', () => {
  test('both error forms and success are told apart', () => {
    expect(outcomeOf({ rc: 8 })).toEqual({ type: 'refused', group: undefined, code: 8 });
    expect(outcomeOf({ err: { group: 1, rc: 8 } })).toEqual({ type: 'refused', group: 1, code: 8 });
    expect(outcomeOf({ rc: 0, off: 5 })).toEqual({ type: 'done', body: { rc: 0, off: 5 } });
    expect(outcomeOf({ off: 5 })).toEqual({ type: 'done', body: { off: 5 } });
  });

  test('the same number reads differently in different groups', () => {
    expect(refusalWords(1, 8)).toBe('no image with this hash (group 1 rc 8)');
    expect(refusalWords(undefined, 8)).toBe('not supported (rc 8)');
    expect(refusalWords(70, 1)).toBe('unknown error (group 70 rc 1)');
  });
});
