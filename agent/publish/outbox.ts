import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../base/errors.ts';
import { makeFolder } from '../base/folder.ts';
import { Notifier } from '../base/notifier.ts';
import { Ledger, type Totals } from './outbox-ledger.ts';
import { damageText, openFailure } from './outbox-messages.ts';
import { type Entry, keyOf, type Lane, lanes, recordOf } from './outbox-records.ts';
import {
  firstOf,
  isDiskTrouble,
  type Numbers,
  openLevel,
  openStore,
  type Store,
} from './outbox-store.ts';
import { SequenceLedger } from './sequence-ledger.ts';

export { type Entry, type Lane, lanes } from './outbox-records.ts';

/** Where an accepted message is: on disk, or (while the disk takes nothing) in memory only. */
export type Accepted = 'stored' | 'held';

export interface OutboxOptions {
  readonly directory: string;
  readonly limits: Readonly<Record<Lane, number>>;
  /** How long to wait before asking a failing disk again, in ms. */
  readonly retryMs?: number;
  /** How long a write may take before the next message goes on without it, in ms. */
  readonly slowMs?: number;
  /** Something that a person should know of the disk: damage, and what became of it. */
  readonly onNotice?: (text: string) => void;
}

interface Waiting {
  readonly entry: Entry;
  readonly settle: (accepted: Accepted) => void;
}

type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly key: string };

const DISK_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;
const DISK_SLOW_MS = 2000;
/** A disk that takes this much takes LevelDB's new log too. */
const PROBE_BYTES = 256 * 1024;
/** Most messages in memory while the disk takes nothing; beyond that the oldest of them go, counted. */
const HELD_LIMIT = 10_000;

/** Where the messages lie in a state folder. */
export const outboxFolder = (directory: string): string => join(directory, 'outbox');

/**
 * A bounded queue on disk: what `put` accepted comes out of `next` in order, per lane, until `done` is called for it, also
 * across kill -9. While the disk is full, messages are held in memory (bounded) and written once it takes them again.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes: Record<Lane, SequenceLedger> = {
    detections: new SequenceLedger(),
    telemetry: new SequenceLedger(),
  };
  readonly #changed = new Notifier();
  #db: Store | undefined;
  #waiting: Waiting[] = [];
  #held: Entry[] = [];
  #deletes: string[] = [];
  #writing: Promise<void> | undefined;
  #diskError: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #slow = false;
  #retryMs: number;
  #dropped = 0;
  #settled = 0;
  #lost = 0;
  /** One above the highest number in the store. */
  readonly #stored: Record<Lane, number> = { detections: 0, telemetry: 0 };
  /** Lanes to be read from their beginning again. */
  readonly #rewound = new Set<Lane>();
  readonly #ledger: Ledger;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#retryMs = options.retryMs ?? DISK_RETRY_MS;
    this.#ledger = new Ledger(join(options.directory, 'outbox.ledger'));
  }

  /**
   * Opens the store, repairing what is damaged. A disk that takes nothing now is no failure: messages are held in memory
   * until it does. Fails with a UserError when another process has it, or the directory cannot be made.
   */
  async open(): Promise<void> {
    const { directory } = this.#options;
    let totals: Totals | undefined;
    try {
      await makeFolder(directory);
      totals = await this.#ledger.open();
      await this.#openStore(totals);
    } catch (cause) {
      if (totals === undefined || !isDiskTrouble(cause)) {
        await this.#ledger.close();
        throw openFailure(directory, cause);
      }
      for (const lane of lanes) this.#lanes[lane] = new SequenceLedger(totals[lane].next);
      this.#fail(cause);
    }
  }

  /** Opens the store and adds what it holds to what was accepted meanwhile. */
  async #openStore(totals: Totals | undefined): Promise<void> {
    const path = outboxFolder(this.#options.directory);
    const { store, numbers, damage } = await openStore(path, totals, () => new Date());
    this.#db = store;
    this.#take(numbers, totals);
    if (damage !== undefined) {
      this.#lost += damage.lost ?? 0;
      this.#options.onNotice?.(damageText(damage));
    }
    await this.#note();
  }

  #take(numbers: Numbers, totals: Totals | undefined): void {
    for (const lane of lanes) {
      const meanwhile = this.#lanes[lane];
      const stored = numbers[lane];
      const next = Math.max(meanwhile.next, totals?.[lane].next ?? 0, (stored.at(-1) ?? -1) + 1);
      this.#lanes[lane] = SequenceLedger.of([...stored, ...meanwhile.numbers], next);
      this.#stored[lane] = Math.max(totals?.[lane].next ?? 0, (stored.at(-1) ?? -1) + 1);
      this.#rewound.add(lane);
    }
  }

  /** Writes down what the store should hold. */
  async #note(): Promise<void> {
    const of = (lane: Lane) => {
      const { first, gaps } = this.#lanes[lane];
      return { first, next: Math.max(first, this.#stored[lane]), settled: gaps };
    };
    await this.#ledger.write({ detections: of('detections'), telemetry: of('telemetry') });
  }

  /** Messages that `done` was called for so far. */
  get settled(): number {
    return this.#settled;
  }

  /**
   * Messages not acknowledged yet, messages given up because a bound was met, messages that a
   * damaged disk has lost, and the disk's complaint if any.
   */
  get state(): {
    readonly waiting: number;
    readonly dropped: number;
    readonly lost: number;
    readonly diskError?: string;
  } {
    const waiting = lanes.reduce((sum, lane) => sum + this.#lanes[lane].waiting, 0);
    const disk = this.#diskError === undefined ? {} : { diskError: this.#diskError };
    return { waiting, dropped: this.#dropped, lost: this.#lost, ...disk };
  }

  /** Accepts a message. Resolves once it is on disk, or `held` when the disk takes nothing now. */
  put(lane: Lane, topic: string, payload: string): Promise<Accepted> {
    const entry: Entry = { lane, sequence: this.#lanes[lane].take(), topic, payload };
    this.#trim(lane);
    return new Promise((settle) => {
      if (this.#diskError !== undefined) this.#hold(entry, settle);
      else this.#waiting.push({ entry, settle });
      if (this.#slow) settle('held');
      this.#write();
    });
  }

  /** The first message of a lane at or after a sequence number; undefined when there is none now. */
  async next(lane: Lane, from: number): Promise<Entry | undefined> {
    // What a store held that could be opened only now comes before what was sent meanwhile.
    const start = this.#rewound.delete(lane) ? 0 : from;
    const floor = Math.max(start, this.#lanes[lane].first);
    const stored = await this.#read(lane, floor);
    return stored ?? this.#held.find((e) => e.lane === lane && e.sequence >= floor);
  }

  /** The message has arrived: forget it. */
  done(entry: Entry): void {
    if (!this.#lanes[entry.lane].settle(entry.sequence)) return;
    this.#settled++;
    this.#forget(entry);
    this.#write();
  }

  /** Resolves at the next change (a message came, the disk is back) or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changed.wait(signal);
  }

  /** Writes what is left and closes; gives how many messages were in memory only, and go with it. */
  async close(): Promise<number> {
    clearTimeout(this.#retry);
    while (this.#writing !== undefined) await this.#writing;
    if (this.#held.length > 0) {
      await this.#recover();
      await this.#writeAll();
    }
    clearTimeout(this.#retry);
    await this.#db?.close();
    this.#db = undefined;
    await this.#note();
    await this.#ledger.close();
    return this.#held.length;
  }

  async #read(lane: Lane, from: number): Promise<Entry | undefined> {
    // A read that meets the reopening of a recovering store finds nothing; the recovery raises `changed`.
    if (this.#db?.status !== 'open') return undefined;
    return firstOf(this.#db, { lane, sequence: from }, (key) => this.#lose(lane, key));
  }

  /** A record that was good when the store was opened is so no longer. */
  #lose(lane: Lane, key: string): void {
    this.#deletes.push(key);
    if (this.#lanes[lane].settle(Number(key.slice(1)))) this.#lost++;
    this.#write();
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
    else this.#deletes.push(keyOf({ lane, sequence }));
  }

  #hold(entry: Entry, settle: (accepted: Accepted) => void): void {
    this.#held.push(entry);
    const excess = this.#held.length > HELD_LIMIT ? this.#held.shift() : undefined;
    if (excess !== undefined && this.#lanes[excess.lane].settle(excess.sequence)) this.#dropped++;
    settle('held');
    this.#changed.notify();
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
      key: keyOf(entry),
      value: recordOf(entry),
    }));
    for (const key of deletes) operations.push({ type: 'del', key });
    const slow = setTimeout(() => this.#goOnWithout(batch), this.#options.slowMs ?? DISK_SLOW_MS);
    try {
      if (this.#db === undefined) throw new Error('the outbox is closed');
      // A detection is worth an fsync: it survives a power cut. Telemetry survives kill -9.
      const sync = batch.some(({ entry }) => entry.lane === 'detections');
      if (deletes.length > 0) await this.#note();
      await this.#db.batch(operations, { sync });
      for (const { entry } of batch) this.#stored[entry.lane] = entry.sequence + 1;
      if (batch.length > 0) await this.#note();
      for (const { settle } of batch) settle('stored');
      this.#changed.notify();
    } catch (error) {
      this.#fail(error);
      this.#deletes.push(...deletes);
      const behind = this.#waiting;
      this.#waiting = [];
      for (const { entry, settle } of [...batch, ...behind]) this.#hold(entry, settle);
    } finally {
      clearTimeout(slow);
      this.#slow = false;
    }
  }

  /** A disk that answers late keeps nobody waiting: what is under way, and what comes meanwhile, is in memory. */
  #goOnWithout(batch: readonly Waiting[]): void {
    this.#slow = true;
    for (const { settle } of [...batch, ...this.#waiting]) settle('held');
  }

  #fail(error: unknown): void {
    const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const before = this.#diskError;
    this.#diskError = reasonOf(inner);
    if (before === undefined) {
      this.#options.onNotice?.(`${this.#diskError}; messages are held in memory`);
    }
    this.#scheduleRecovery();
  }

  #scheduleRecovery(): void {
    this.#retry = setTimeout(() => {
      this.#writing = this.#recover().finally(() => {
        this.#writing = undefined;
        this.#write();
      });
    }, this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  /** LevelDB writes nothing after a failed write until it is opened again, which needs room: probe first. */
  async #recover(): Promise<void> {
    const probe = join(this.#options.directory, 'probe');
    try {
      await writeFile(probe, Buffer.alloc(PROBE_BYTES, 1));
      await rm(probe);
      // Never opened, since the disk was full from the beginning: now is the time to see what it holds.
      if (this.#db === undefined) await this.#openStore(await this.#ledger.open());
      else {
        await this.#db.close();
        this.#db = await openLevel(outboxFolder(this.#options.directory));
      }
    } catch (error) {
      await rm(probe, { force: true }).catch(() => undefined);
      this.#fail(error);
      return;
    }
    this.#diskError = undefined;
    this.#options.onNotice?.('the disk takes messages again');
    this.#retryMs = this.#options.retryMs ?? DISK_RETRY_MS;
    this.#waiting = [
      ...this.#held.map((entry) => ({ entry, settle: () => undefined })),
      ...this.#waiting,
    ];
    this.#held = [];
  }
}
