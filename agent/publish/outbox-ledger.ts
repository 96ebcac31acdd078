import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { crc32 } from '../../protocol/crc.ts';
import type { Lane } from './outbox-records.ts';

const laneSchema = z.strictObject({
  /** Everything below has arrived or was given up. */
  first: z.int().min(0),
  /** One above the highest number that was stored. */
  next: z.int().min(0),
  /** Numbers above `first` that have arrived, as runs: distance from it, and how many. */
  settled: z.array(z.tuple([z.int().min(0), z.int().min(1)])),
});
const ledgerSchema = z.strictObject({ detections: laneSchema, telemetry: laneSchema });

export interface LaneLedger {
  readonly first: number;
  readonly next: number;
  readonly settled: readonly (readonly [distance: number, count: number])[];
}
export type Totals = Readonly<Record<Lane, LaneLedger>>;

/** Room that is taken at the start, so that the ledger can be written when the disk is full. */
const BYTES = 64 * 1024;

function lineOf(totals: Totals): Buffer {
  const text = JSON.stringify(totals);
  return Buffer.from(`${crc32(Buffer.from(text)).toString(16).padStart(8, '0')}${text}\n`);
}

function parse(bytes: Buffer): Totals | undefined {
  const [line = ''] = bytes.toString('utf8').split('\n', 1);
  const text = line.slice(8);
  if (line.slice(0, 8) !== crc32(Buffer.from(text)).toString(16).padStart(8, '0')) return undefined;
  const parsed = ledgerSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

async function read(file: FileHandle): Promise<Totals | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES), 0, BYTES, 0);
  return parse(buffer.subarray(0, bytesRead));
}

/**
 * A witness beside the store of which messages it should hold, so that what damage took can be counted. Arrivals are
 * noted before the store forgets them and messages after it has them: a kill in between is never taken for a loss. It
 * never fails: without it everything goes on, but losses cannot be counted.
 */
export class Ledger {
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** What it said last; undefined where there is none, or a damaged one. */
  async open(): Promise<Totals | undefined> {
    try {
      this.#file ??= await this.#openFile();
      return await read(this.#file);
    } catch {
      return this.#readOnly();
    }
  }

  #openFile(): Promise<FileHandle> {
    return open(this.#path, 'r+').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
        return this.#create();
      }
      throw error;
    });
  }

  async #readOnly(): Promise<Totals | undefined> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    try {
      return file === undefined ? undefined : await read(file);
    } catch {
      return undefined;
    } finally {
      await file?.close();
    }
  }

  async #create(): Promise<FileHandle> {
    const file = await open(this.#path, 'w+');
    await file.write(Buffer.alloc(BYTES), 0, BYTES, 0);
    return file;
  }

  async write(totals: Totals): Promise<void> {
    const line = lineOf(totals);
    const bytes = line.length <= BYTES ? line : Buffer.from('\n'); // too much to note: none, not a wrong one
    await this.#file?.write(bytes, 0, bytes.length, 0).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }
}
