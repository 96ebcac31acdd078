import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { reasonOf, UserError } from '../errors.ts';
import { makeFolder } from '../folder.ts';
import { LaneBook } from './lane-book.ts';
import { Signal } from './signal.ts';

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

/** Where an accepted message is: on disk, or (while the disk takes nothing) in memory only. */
export type Accepted = 'stored' | 'held';

export interface OutboxOptions {
  readonly directory: string;
  readonly limits: Readonly<Record<Lane, number>>;
  /** How long to wait before asking a failing disk again, in ms. */
  readonly retryMs?: number;
}

interface Waiting {
  readonly entry: Entry;
  readonly settle: (accepted: Accepted) => void;
}

type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

const DISK_RETRY_MS = 1000;
/** A disk that takes this much takes LevelDB's new log too. */
const PROBE_BYTES = 256 * 1024;
/** Most messages in memory while the disk takes nothing; beyond that the oldest of them go, counted. */
const HELD_LIMIT = 10_000;

function keyOf(lane: Lane, sequence: number): string {
  return `${lane[0]}${String(sequence).padStart(16, '0')}`;
}

/** What a store holds of a lane. Numbers that are missing in between had arrived before the last crash. */
async function readBook(db: ClassicLevel<string, string>, lane: Lane): Promise<LaneBook> {
  const numbers: number[] = [];
  for await (const key of db.keys({ gte: keyOf(lane, 0), lt: `${lane[0]}~` })) {
    numbers.push(Number(key.slice(1)));
  }
  const [first = 0] = numbers;
  const book = new LaneBook(first, (numbers.at(-1) ?? -1) + 1);
  let expected = first;
  for (const sequence of numbers) {
    while (expected < sequence) book.settle(expected++);
    expected++;
  }
  return book;
}

function openFailure(directory: string, cause: unknown): UserError {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const reason = reasonOf(inner);
  const mend = /No space left|ENOSPC/.test(reason)
    ? 'free some room on that disk'
    : 'make gateway.stateDir writable for this user';
  const locked =
    'stop the other otolith that runs on it, or give this one its own gateway.stateDir';
  return new UserError('outbox', `the outbox ${directory} cannot be opened (${reason})`, {
    mend: codeOf(cause) === 'LEVEL_LOCKED' ? locked : mend,
    cause,
  });
}

function codeOf(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return inner instanceof Error && 'code' in inner ? String(inner.code) : '';
}

/**
 * A bounded queue on disk: what `put` accepted comes out of `next` in order, per lane, until `done` is told of it, also
 * across kill -9. While the disk is full, messages are held in memory (bounded) and written once it takes them again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes: Record<Lane, LaneBook> = {
    detections: new LaneBook(),
    telemetry: new LaneBook(),
  };
  readonly #changed = new Signal();
  #db: ClassicLevel<string, string> | undefined;
  #waiting: Waiting[] = [];
  #held: Entry[] = [];
  #deletes: string[] = [];
  #writing: Promise<void> | undefined;
  #diskError: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #dropped = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Opens the store; fails with a UserError when another process has it or the directory cannot be made. */
  async open(): Promise<void> {
    const { directory } = this.#options;
    try {
      await makeFolder(directory);
      this.#db = await this.#openDb();
    } catch (cause) {
      throw openFailure(directory, cause);
    }
    for (const lane of lanes) this.#lanes[lane] = await readBook(this.#db, lane);
  }

  /** Messages not acknowledged yet, messages given up because a bound was met, and the disk's complaint if any. */
  get state(): { readonly waiting: number; readonly dropped: number; readonly diskError?: string } {
    const waiting = lanes.reduce((sum, lane) => sum + this.#lanes[lane].waiting, 0);
    const disk = this.#diskError === undefined ? {} : { diskError: this.#diskError };
    return { waiting, dropped: this.#dropped, ...disk };
  }

  /** Accepts a message. Resolves once it is on disk, or `held` when the disk takes nothing now. */
  put(lane: Lane, topic: string, payload: string): Promise<Accepted> {
    const entry: Entry = { lane, sequence: this.#lanes[lane].take(), topic, payload };
    this.#trim(lane);
    return new Promise((settle) => {
      if (this.#diskError !== undefined) this.#hold(entry, settle);
      else this.#waiting.push({ entry, settle });
      this.#write();
    });
  }

  /** The first message of a lane at or after a sequence number; undefined when there is none now. */
  async next(lane: Lane, from: number): Promise<Entry | undefined> {
    const floor = Math.max(from, this.#lanes[lane].first);
    const stored = await this.#read(lane, floor);
    return stored ?? this.#held.find((e) => e.lane === lane && e.sequence >= floor);
  }

  /** The message has arrived: forget it. */
  done(entry: Entry): void {
    if (!this.#lanes[entry.lane].settle(entry.sequence)) return;
    this.#forget(entry);
    this.#write();
  }

  /** Resolves at the next change (a message came, the disk is back) or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changed.wait(signal);
  }

  /** Writes what is left and closes. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    while (this.#writing !== undefined) await this.#writing;
    await this.#db?.close();
    this.#db = undefined;
  }

  async #openDb(): Promise<ClassicLevel<string, string>> {
    const path = join(this.#options.directory, 'outbox');
    const open = async () => {
      const db = new ClassicLevel<string, string>(path, {
        writeBufferSize: 1 << 20,
        cacheSize: 1 << 20,
      });
      await db.open();
      return db;
    };
    try {
      return await open();
    } catch (error) {
      if (codeOf(error) !== 'LEVEL_CORRUPTION') throw error;
      await ClassicLevel.repair(path).catch(() => rename(path, `${path}.damaged`));
      return open();
    }
  }

  async #read(lane: Lane, from: number): Promise<Entry | undefined> {
    if (this.#db?.status !== 'open') return undefined;
    const range = { gte: keyOf(lane, from), lt: `${lane[0]}~`, limit: 1 };
    // A read that meets the reopening of a recovering store finds nothing; the recovery raises `changed`.
    const [found] = await this.#db
      .iterator(range)
      .all()
      .catch(() => []);
    if (found === undefined) return undefined;
    const [topic, payload]: [string, string] = JSON.parse(found[1]);
    return { lane, sequence: Number(found[0].slice(1)), topic, payload };
  }

  #trim(lane: Lane): void {
    for (const sequence of this.#lanes[lane].trim(this.#options.limits[lane])) {
      this.#forget({ lane, sequence });
      this.#dropped++;
    }
  }

  #forget({ lane, sequence }: Pick<Entry, 'lane' | 'sequence'>): void {
    const at = this.#held.findIndex((held) => held.lane === lane && held.sequence === sequence);
    if (at >= 0) this.#held.splice(at, 1);
    else this.#deletes.push(keyOf(lane, sequence));
  }

  #hold(entry: Entry, settle: (accepted: Accepted) => void): void {
    this.#held.push(entry);
    const excess = this.#held.length > HELD_LIMIT ? this.#held.shift() : undefined;
    if (excess !== undefined && this.#lanes[excess.lane].settle(excess.sequence)) this.#dropped++;
    settle('held');
    this.#changed.raise();
  }

  #write(): void {
    if (this.#writing !== undefined || this.#diskError !== undefined) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length + this.#deletes.length > 0 && this.#diskError === undefined) {
      const batch = this.#waiting;
      const deletes = this.#deletes;
      this.#waiting = [];
      this.#deletes = [];
      await this.#writeBatch(batch, deletes);
    }
  }

  async #writeBatch(batch: readonly Waiting[], deletes: readonly string[]): Promise<void> {
    const operations: Operation[] = batch.map(({ entry }) => ({
      type: 'put',
      key: keyOf(entry.lane, entry.sequence),
      value: JSON.stringify([entry.topic, entry.payload]),
    }));
    for (const key of deletes) operations.push({ type: 'del', key });
    try {
      if (this.#db === undefined) throw new Error('the outbox is closed');
      // A detection is worth an fsync: it survives a power cut. Telemetry survives kill -9.
      const sync = batch.some(({ entry }) => entry.lane === 'detections');
      await this.#db.batch(operations, { sync });
      for (const { settle } of batch) settle('stored');
      this.#changed.raise();
    } catch (error) {
      this.#fail(error);
      this.#deletes.push(...deletes);
      for (const { entry, settle } of batch) this.#hold(entry, settle);
    }
  }

  #fail(error: unknown): void {
    this.#diskError = reasonOf(error);
    this.#scheduleRecovery();
  }

  #scheduleRecovery(): void {
    this.#retry = setTimeout(() => {
      this.#writing = this.#recover().finally(() => {
        this.#writing = undefined;
        this.#write();
      });
    }, this.#options.retryMs ?? DISK_RETRY_MS);
  }

  /** LevelDB writes nothing after a failed write until it is opened anew, which needs room: probe first. */
  async #recover(): Promise<void> {
    const probe = join(this.#options.directory, 'probe');
    try {
      await writeFile(probe, Buffer.alloc(PROBE_BYTES, 1));
      await rm(probe);
      await this.#db?.close();
      this.#db = await this.#openDb();
    } catch (error) {
      await rm(probe, { force: true }).catch(() => undefined);
      this.#fail(error);
      return;
    }
    this.#diskError = undefined;
    this.#waiting = [
      ...this.#held.map((entry) => ({ entry, settle: () => undefined })),
      ...this.#waiting,
    ];
    this.#held = [];
  }
}
