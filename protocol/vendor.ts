import { z } from 'zod';
import { plainText } from './plain-text.ts';

/**
 * The otolith SMP group: schemas of what VENDOR.md describes. Every reply from a board passes through one of these
 * before anything else sees it.
 */
export const VENDOR_GROUP = 0x6f74;

export const vendorCommand = {
  info: 0,
  audio: 1,
  results: 2,
  bench: 3,
  stats: 4,
  labels: 5,
} as const;

const uint32 = z.int().min(0).max(0xffff_ffff);
const int32 = z.int().min(-0x8000_0000).max(0x7fff_ffff);
const ticks = z.int().min(0);
const text = plainText.max(128);
const bytes = z.instanceof(Uint8Array);

export const tickUnitSchema = z.enum(['instructions', 'cycles']);
export type TickUnit = z.infer<typeof tickUnitSchema>;

const energySourceSchema = z.enum(['measured', 'estimated', 'none']);

export const resetCauseSchema = z.enum([
  'power-on',
  'pin',
  'software',
  'watchdog',
  'fault',
  'unknown',
]);
export type ResetCause = z.infer<typeof resetCauseSchema>;

/** Words a board has for why an image does not run (`refused` of info), and what they mean of it. */
const refusalMeanings: Readonly<Record<string, string>> = {
  'no-image': 'there is none where it should lie',
  size: 'its header or its lengths do not fit the board',
  records: 'its records (TLVs) are broken or incomplete',
  hash: 'its contents do not have the hash it names',
  key: 'it is signed by another key than the one the board trusts',
  signature: 'its signature is missing or wrong',
  board: 'it is made for another board',
  counter: 'its security counter is below the one of this board',
  entry: 'its vector table points outside of it',
  reverted: 'it started on trial and was reset before it was confirmed',
};

/** What `refused` means; undefined for none. A word of a newer board comes out as it is. */
export function refusalMeaning(refused = ''): string | undefined {
  return refused === '' ? undefined : (refusalMeanings[refused] ?? refused);
}

const identity = {
  v: z.literal(1),
  board: text.min(1),
  core: text,
  sn: text,
  clk: uint32,
  unit: tickUnitSchema,
  buf: uint32.min(256),
  boot: text,
  ctr: uint32,
  /** Why the image asked for last does not run; older firmware does not say. */
  refused: text.optional(),
};

/** `info` of a board whose application runs. */
export const appInfoSchema = z.object({
  mode: z.literal('app'),
  ...identity,
  fw: text,
  boots: uint32,
  reset: resetCauseSchema,
  model: text,
  kind: z.enum(['int8', 'xnor', '']),
  hash: bytes.refine((hash) => hash.length === 32, 'a SHA-256 has 32 bytes'),
  rate: uint32,
  window: uint32.max(1 << 20),
  classes: uint32.max(0xffff),
  scale: uint32,
  arena: uint32,
  stack: uint32,
});
export type AppInfo = z.infer<typeof appInfoSchema>;

/** `info` of a bootloader that found nothing it may start and waits for an upload. */
const recoveryInfoSchema = z.object({ mode: z.literal('recovery'), ...identity });

export const infoReplySchema = z.discriminatedUnion('mode', [appInfoSchema, recoveryInfoSchema]);
export type BoardInfo = z.infer<typeof infoReplySchema>;

/** `off` is in bytes; `crc` (CRC-32) only in the chunk that completes the window. */
export const audioRequestSchema = z.object({
  win: uint32,
  off: uint32,
  data: bytes,
  crc: uint32.optional(),
});

export const audioReplySchema = z.object({ win: uint32, off: uint32 });
export type AudioReply = z.infer<typeof audioReplySchema>;

const inference = {
  cls: uint32.max(0xffff),
  scores: z.array(int32).max(0xffff),
  ticks,
  uj: uint32,
  src: energySourceSchema,
  arena: uint32,
  stack: uint32,
};

/** One inference as the board's ring holds it. */
export const recordSchema = z.object({ seq: uint32, win: uint32, ...inference });
export type InferenceRecord = z.infer<typeof recordSchema>;

export const resultsRequestSchema = z.object({ seq: uint32, max: uint32.optional() });

export const resultsReplySchema = z.object({
  boots: uint32,
  reset: resetCauseSchema,
  first: uint32,
  next: uint32,
  lost: uint32,
  clk: uint32,
  unit: tickUnitSchema,
  recs: z.array(recordSchema).max(1024),
});
export type ResultsReply = z.infer<typeof resultsReplySchema>;

export const benchRequestSchema = z.object({ seed: uint32, run: uint32 });

export const benchReplySchema = z.discriminatedUnion('done', [
  z.object({ done: z.literal(false) }),
  z.object({
    done: z.literal(true),
    seed: uint32,
    run: uint32,
    hash: bytes.refine((hash) => hash.length === 32, 'a SHA-256 has 32 bytes'),
    ...inference,
    clk: uint32,
    unit: tickUnitSchema,
  }),
]);
export type BenchReply = z.infer<typeof benchReplySchema>;
export type BenchResult = Extract<BenchReply, { readonly done: true }>;

export const statsReplySchema = z.object({
  up: uint32,
  boots: uint32,
  rx: uint32,
  rxover: uint32,
  frames: uint32,
  badcrc: uint32,
  badfrm: uint32,
  badreq: uint32,
  tx: uint32,
  wins: uint32,
  wincrc: uint32,
  windrop: uint32,
  busy: uint32,
  infer: uint32,
  lost: uint32,
});
export type BoardStats = z.infer<typeof statsReplySchema>;

export const labelsRequestSchema = z.object({ from: uint32 });

export const labelsReplySchema = z.object({
  count: uint32,
  from: uint32,
  labels: z.array(text).max(0xffff),
});

/** The window both sides can compute from a seed (VENDOR.md, bench): int16 samples, loud and quiet in turn. */
export function benchWindow(seed: number, samples: number): Int16Array {
  const window = new Int16Array(samples);
  let x = seed >>> 0 || 0x6f746f6c;
  for (let i = 0; i < samples; i++) {
    x = (x ^ (x << 13)) >>> 0;
    x = (x ^ (x >>> 17)) >>> 0;
    x = (x ^ (x << 5)) >>> 0;
    window[i] = (((x >>> 16) << 16) >> 16) >> ((i >>> 11) & 7);
  }
  return window;
}
