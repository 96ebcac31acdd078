import { expect, test } from 'vitest';
import type { z } from 'zod';
import { viewOf } from './bytes.ts';
import { decodeMap } from './cbor.ts';
import { crc32 } from './crc.ts';
import { vectors } from './vectors/load.ts';
import {
  appInfoSchema,
  audioReplySchema,
  audioRequestSchema,
  benchReplySchema,
  benchRequestSchema,
  benchWindow,
  infoReplySchema,
  labelsReplySchema,
  labelsRequestSchema,
  resultsReplySchema,
  resultsRequestSchema,
  statsReplySchema,
} from './vendor.ts';

const schemas: Readonly<Record<string, z.ZodType>> = {
  'info-reply': infoReplySchema,
  'info-reply-recovery': infoReplySchema,
  'audio-first': audioRequestSchema,
  'audio-last': audioRequestSchema,
  'audio-reply': audioReplySchema,
  results: resultsRequestSchema,
  'results-max': resultsRequestSchema,
  'results-reply': resultsReplySchema,
  bench: benchRequestSchema,
  'bench-reply-waiting': benchReplySchema,
  'bench-reply': benchReplySchema,
  'stats-reply': statsReplySchema,
  labels: labelsRequestSchema,
  'labels-reply': labelsReplySchema,
};

function bodyOf(name: string): Readonly<Record<string, unknown>> {
  const vector = vectors.packets.find((packet) => packet.name === name);
  const map = decodeMap(vector?.body ?? new Uint8Array());
  if (!map.ok) throw new Error(`${name}: ${map.error}`);
  return map.value;
}

test.each(Object.keys(schemas))('%s passes its schema and nothing of it is lost', (name) => {
  const body = bodyOf(name);
  expect(schemas[name]?.parse(body)).toEqual(body);
});

test('a reply with a missing, foreign or oversized value is refused', () => {
  const info = bodyOf('info-reply');
  for (const wrong of [
    { board: undefined },
    { hash: new Uint8Array(31) },
    { unit: 'milliseconds' },
    { window: 2 ** 31 },
    { clk: -1 },
    { reset: 'cosmic ray' },
  ]) {
    expect(appInfoSchema.safeParse({ ...info, ...wrong }).success).toBe(false);
  }
});

test('the built-in window is the one another implementation computes', () => {
  for (const vector of vectors.windows) {
    const window = benchWindow(vector.seed, vector.samples);
    const bytes = new Uint8Array(window.buffer);
    expect(bytes.slice(0, vector.first.length)).toEqual(vector.first);
    expect(bytes.slice(-vector.last.length)).toEqual(vector.last);
    expect(crc32(bytes)).toBe(vector.crc32);
    expect(viewOf(bytes).getInt16(0, true)).toBe(window[0]);
  }
});
