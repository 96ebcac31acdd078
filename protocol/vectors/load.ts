import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromHex } from '../bytes.ts';

const hex = z.string().transform(fromHex);
const uint = z.int().min(0);

const vectorsSchema = z.object({
  checksums: z.array(z.object({ data: hex, crc16: uint, crc32: uint })),
  packets: z.array(
    z.object({
      name: z.string(),
      version: z.literal([1, 2]),
      op: z.literal([0, 1, 2, 3]),
      group: uint,
      command: uint,
      seq: uint,
      body: hex,
      packet: hex,
      lines: hex,
    }),
  ),
  windows: z.array(z.object({ seed: uint, samples: uint, first: hex, last: hex, crc32: uint })),
  images: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      seed: hex,
      public: hex,
      header: uint,
      counter: uint,
      board: z.string(),
      body: hex,
      image: hex,
    }),
  ),
});

/** The golden vectors, for tests only (this file reads from disk; nothing of the protocol imports it). */
export const vectors = vectorsSchema.parse(
  JSON.parse(readFileSync(new URL('smp.json', import.meta.url), 'utf8')),
);
