import { existsSync } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { tablesOf } from './level-manifest.ts';
import { checkTable } from './level-table.ts';
import type { LaneLedger, Totals } from './outbox-ledger.ts';
import { type Entry, entryOf, keyOf, type Lane, lanes, recordOf } from './outbox-records.ts';

export type Store = ClassicLevel<string, string>;
/** Numbers of the messages in the store, ascending. */
export type Numbers = Readonly<Record<Lane, readonly number[]>>;

export interface OpenedStore {
  readonly store: Store;
  readonly numbers: Numbers;
  /** What damage there was; undefined where there was none. */
  readonly damage?: Damage;
}

export interface Damage {
  /** Messages that were stored and are not there any more; undefined where nobody knows how many. */
  readonly lost: number | undefined;
  readonly kept: number;
  /** Where the damaged files are now. */
  readonly aside: string;
}

/** Damaged stores that are kept for someone to look at; older ones go. */
const ASIDE_KEPT = 3;
const PORTION = 500;

/** The code of a store's failure, which LevelDB puts one level down. */
export function codeOf(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return inner instanceof Error && 'code' in inner ? String(inner.code) : '';
}

function textOf(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}

/** A disk that takes nothing now, and may later. */
export function isDiskTrouble(error: unknown): boolean {
  return /No space left|Read-only file|Input\/output|quota|Too many open|Cannot allocate|ENOSPC|EROFS|EIO|EDQUOT|EMFILE|ENOMEM/.test(
    textOf(error),
  );
}

/** What no repair helps: the disk, missing permissions, another process. */
function isOutside(error: unknown): boolean {
  if (codeOf(error) === 'LEVEL_LOCKED' || isDiskTrouble(error)) return true;
  return /ermission denied|not permitted|EACCES|EPERM/.test(textOf(error));
}

export async function openLevel(path: string): Promise<Store> {
  const store = new ClassicLevel<string, string>(path, {
    writeBufferSize: 1 << 20,
    cacheSize: 1 << 20,
    compression: false, // so that tables can be checked: see level-table.ts
  });
  await store.open();
  return store;
}

/** Every record that can be read, and whether there were others. */
async function readAll(store: Store, take: (entry: Entry) => Promise<void>): Promise<boolean> {
  let whole = true;
  try {
    for await (const [key, value] of store.iterator()) {
      const entry = entryOf(key, value);
      if (entry === undefined) whole = false;
      else await take(entry);
    }
  } catch {
    whole = false; // LevelDB goes on behind a block that it cannot read, and says so at the end
  }
  return whole;
}

/** The first record of a lane at or after a number; undefined where there is none. */
export async function firstOf(
  store: Store,
  from: Pick<Entry, 'lane' | 'sequence'>,
  onDamaged: (key: string) => void,
): Promise<Entry | undefined> {
  let range: { gte: string } | { gt: string } = { gte: keyOf(from) };
  for (;;) {
    const options = { ...range, lt: `${from.lane[0]}~`, limit: 1 };
    const found: readonly [string, string][] = await store
      .iterator(options)
      .all()
      .catch(() => []);
    const [record] = found;
    if (record === undefined) return undefined;
    const entry = entryOf(...record);
    if (entry !== undefined) return entry;
    onDamaged(record[0]);
    range = { gt: record[0] };
  }
}

interface Read {
  readonly store: Store;
  readonly numbers: Numbers;
  readonly whole: boolean;
}

async function openAndRead(path: string): Promise<Read> {
  const store = await openLevel(path);
  const numbers: Record<Lane, number[]> = { detections: [], telemetry: [] };
  const whole = await readAll(store, async ({ lane, sequence }) => {
    numbers[lane].push(sequence);
  });
  return { store, numbers, whole };
}

/** How many of the messages that were stored have neither arrived nor are there. */
function missingIn({ first, next, settled }: LaneLedger, there: readonly number[]): number {
  const known = new Set(there);
  for (const [distance, count] of settled) {
    for (let i = 0; i < count; i++) known.add(first + distance + i);
  }
  let missing = 0;
  for (let sequence = first; sequence < next; sequence++) if (!known.has(sequence)) missing++;
  return missing;
}

function missing(totals: Totals, numbers: Numbers): number {
  return lanes.reduce((sum, lane) => sum + missingIn(totals[lane], numbers[lane]), 0);
}

/** Whether the ledger says that a message has arrived: a repair may bring it back. */
function hasArrived(totals: Totals | undefined, { lane, sequence }: Entry): boolean {
  if (totals === undefined) return false;
  const { first, settled } = totals[lane];
  const at = sequence - first;
  return at < 0 || settled.some(([distance, count]) => at >= distance && at < distance + count);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** Another folder with the same files: LevelDB never writes into one again, but drops those that it takes for useless. */
async function keepFiles(path: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  for (const name of await readdir(path)) {
    if (name === 'LOCK' || name.startsWith('LOG')) continue;
    if ((await stat(join(path, name))).isFile()) await linkOrCopy(join(path, name), join(to, name));
  }
}

const isTable = (name: string): boolean => /\.(ldb|sst)$/.test(name);

/** Whether every block of every table of the store is as it was written. */
async function tablesAreWhole(path: string): Promise<boolean> {
  const tables = await tablesOf(path);
  for (const name of (await readdir(path)).filter(isTable)) {
    const isLeftOver = tables !== undefined && !tables.has(Number.parseInt(name, 10));
    if (isLeftOver) continue;
    if (checkTable(await readFile(join(path, name))).kind !== 'whole') return false;
  }
  return true;
}

/** The same files once more, for LevelDB to repair: without what it would take for records, or end the process over. */
async function preparedForRepair(from: string, to: string): Promise<void> {
  await keepFiles(from, to);
  for (const name of (await readdir(to)).filter(isTable)) {
    const file = join(to, name);
    const state = checkTable(await readFile(file));
    if (state.kind === 'whole') continue;
    await rm(file);
    if (state.kind === 'mendable') await writeFile(file, state.bytes);
  }
}

/** Ends what a kill interrupted between the renames of a salvage. */
async function finishSalvage(path: string): Promise<void> {
  if (!existsSync(path) && existsSync(`${path}.new`)) await rename(`${path}.new`, path);
  if (!existsSync(path) && existsSync(`${path}.old`)) await rename(`${path}.old`, path);
  for (const left of ['new', 'old', 'repair'])
    await rm(`${path}.${left}`, { recursive: true, force: true });
}

/** Repairs a store and copies what can be read of it into a new one. */
async function salvage(source: string, to: string, totals: Totals | undefined): Promise<void> {
  await rm(to, { recursive: true, force: true });
  const target = await openLevel(to);
  try {
    await ClassicLevel.repair(source).catch(() => undefined);
    const store = await openLevel(source).catch((error: unknown) => {
      if (isOutside(error)) throw error;
      return undefined; // nothing of it can be read
    });
    if (store !== undefined) await copyRecords(store, target, totals).finally(() => store.close());
  } finally {
    await target.close();
  }
}

async function copyRecords(from: Store, to: Store, totals: Totals | undefined): Promise<void> {
  let portion: { type: 'put'; key: string; value: string }[] = [];
  let failure: unknown;
  const flush = async () => {
    const batch = portion;
    portion = [];
    await to.batch(batch, { sync: true }).catch((error: unknown) => {
      failure = error;
    });
  };
  await readAll(from, async (entry) => {
    if (hasArrived(totals, entry)) return;
    portion.push({ type: 'put', key: keyOf(entry), value: recordOf(entry) });
    if (portion.length >= PORTION) await flush();
  });
  await flush();
  if (failure !== undefined) throw failure;
}

/** Gives the damaged files the name that was reported, which no later one takes. */
async function setAside(from: string, path: string, now: Date): Promise<string> {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  let name = `${path}.corrupt-${stamp}`;
  for (let n = 2; existsSync(name); n++) name = `${path}.corrupt-${stamp}-${n}`;
  await rename(from, name);
  const folder = join(path, '..');
  const base = `${path.slice(folder.length + 1)}.corrupt-`;
  const all = (await readdir(folder)).filter((entry) => entry.startsWith(base)).sort();
  for (const old of all.slice(0, -ASIDE_KEPT)) {
    await rm(join(folder, old), { recursive: true, force: true });
  }
  return name;
}

/**
 * Opens the store at a path and reads it whole. Where files are damaged, or messages are missing that the ledger knows,
 * everything that can still be read goes into a new store, and the files are set aside under a name of their own.
 * Rejects where another process has it, or where the disk takes nothing.
 */
export async function openStore(
  path: string,
  totals: Totals | undefined,
  now: () => Date,
): Promise<OpenedStore> {
  await finishSalvage(path);
  const check = `${path}.check`;
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory();
  if (isFolder === false) return startOver(path, totals, now);
  if (isFolder === undefined) return openAndRead(path);
  await keepFiles(path, check);
  // LevelDB makes a new store where the name of its table of contents is gone, and drops all the rest.
  const beheaded = !existsSync(join(path, 'CURRENT')) && (await hasData(path));
  const sound = !beheaded && (await tablesAreWhole(path));
  const read = sound ? await tryToRead(path) : undefined;
  if (read?.whole && (totals === undefined || missing(totals, read.numbers) === 0)) {
    await rm(check, { recursive: true, force: true });
    return read;
  }
  await read?.store.close();
  return rebuild(path, check, totals, now);
}

/** Undefined where LevelDB itself finds the store damaged. */
async function tryToRead(path: string): Promise<Read | undefined> {
  try {
    return await openAndRead(path);
  } catch (error) {
    if (isOutside(error)) throw error;
    return undefined;
  }
}

async function hasData(path: string): Promise<boolean> {
  return (await readdir(path)).some((name) => /\.(ldb|sst|log)$|^MANIFEST/.test(name));
}

async function startOver(
  path: string,
  totals: Totals | undefined,
  now: () => Date,
): Promise<OpenedStore> {
  const aside = await setAside(path, path, now());
  const { store, numbers } = await openAndRead(path);
  const lost = totals === undefined ? undefined : missing(totals, numbers);
  return { store, numbers, damage: { lost, kept: 0, aside } };
}

async function rebuild(
  path: string,
  check: string,
  totals: Totals | undefined,
  now: () => Date,
): Promise<OpenedStore> {
  const repair = `${path}.repair`;
  await preparedForRepair(check, repair);
  await salvage(repair, `${path}.new`, totals);
  await rename(path, `${path}.old`);
  await rename(`${path}.new`, path);
  const aside = await setAside(check, path, now());
  for (const left of [repair, `${path}.old`]) await rm(left, { recursive: true, force: true });
  const { store, numbers } = await openAndRead(path);
  const kept = lanes.reduce((sum, lane) => sum + numbers[lane].length, 0);
  const lost = totals === undefined ? undefined : missing(totals, numbers);
  return { store, numbers, damage: { lost, kept, aside } };
}
