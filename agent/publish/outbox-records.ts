import { crc32 } from '../../protocol/crc.ts';

/** Detections matter more than telemetry: they have their own bounds and go first. */
export const lanes = ['detections', 'telemetry'] as const;
export type Lane = (typeof lanes)[number];

/** A message that waits for the broker's acknowledgement. */
export interface Entry {
  readonly lane: Lane;
  readonly sequence: number;
  readonly topic: string;
  readonly payload: string;
}

/** Order in the store is order of sending: by lane, then by number. */
export function keyOf({ lane, sequence }: Pick<Entry, 'lane' | 'sequence'>): string {
  return `${lane[0]}${String(sequence).padStart(16, '0')}`;
}

function sumOf(key: string, text: string): string {
  return crc32(Buffer.from(`${key}${text}`))
    .toString(16)
    .padStart(8, '0');
}

/** The value of a record. LevelDB as it is built here checks no block that it reads, so each record carries its sum. */
export function recordOf(entry: Entry): string {
  const text = JSON.stringify([entry.topic, entry.payload]);
  return sumOf(keyOf(entry), text) + text;
}

function laneOf(key: string): Lane | undefined {
  return lanes.find((lane) => lane[0] === key[0]);
}

/** The record, or undefined where bytes of it are not those that were written. */
export function entryOf(key: string, value: string): Entry | undefined {
  const lane = laneOf(key);
  if (lane === undefined || !/^.\d{16}$/.test(key)) return undefined;
  // Versions before 0.2 wrote no sum.
  const text = value.startsWith('[') ? value : value.slice(8);
  if (text !== value && value.slice(0, 8) !== sumOf(key, text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
    const [topic, payload]: readonly unknown[] = parsed;
    if (typeof topic !== 'string' || typeof payload !== 'string') return undefined;
    return { lane, sequence: Number(key.slice(1)), topic, payload };
  } catch {
    return undefined;
  }
}
