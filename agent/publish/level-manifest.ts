import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c, Varints } from './level-table.ts';

/**
 * Reads of LevelDB's manifest (github.com/google/leveldb, doc/impl.md and log_format.md) just which tables belong to the
 * store. Others lie beside them where a merge was interrupted, cut anywhere: LevelDB removes these when it opens the store.
 */

const BLOCK = 32_768;
/** Masked CRC-32C of type and data, length of the data, type. */
const HEADER = { bytes: 7, length: 4, type: 6 } as const;
const FIRST_PART = 2;
const MIDDLE_PART = 3;

/** The records of a log in order; one that a kill cut short at the end is none. @throws RangeError where one is damaged */
function recordsOf(log: Buffer): readonly Buffer[] {
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER.bytes <= log.length; ) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER.bytes) {
      at += left;
      continue;
    }
    const end = at + HEADER.bytes + log.readUInt16LE(at + HEADER.length);
    if (end > log.length) break;
    const checked = log.subarray(at + HEADER.type, end);
    if (maskedCrc32c(checked) !== log.readUInt32LE(at)) throw new RangeError('a damaged record');
    const type = log[at + HEADER.type];
    parts.push(log.subarray(at + HEADER.bytes, end));
    at = end;
    if (type === FIRST_PART || type === MIDDLE_PART) continue;
    records.push(Buffer.concat(parts));
    parts = [];
  }
  return records;
}

/** What a change of the store's files may tell, by LevelDB's tags: how many numbers and texts follow. */
const FIELDS: Readonly<Record<number, readonly ('number' | 'text')[]>> = {
  1: ['text'], // comparator
  2: ['number'], // log
  3: ['number'], // next file
  4: ['number'], // last sequence
  5: ['number', 'text'], // level and key where merging goes on
  6: ['number', 'number'], // level and number of a table that goes
  7: ['number', 'number', 'number', 'text', 'text'], // level, number, size, first and last key of one that comes
  9: ['number'], // previous log
};
const TABLE_GOES = 6;
const TABLE_COMES = 7;

function applyChange(change: Buffer, tables: Set<number>): void {
  const fields = new Varints(change);
  while (fields.at < change.length) {
    const tag = fields.next();
    const kinds = FIELDS[tag];
    if (kinds === undefined) throw new RangeError(`unknown tag ${tag}`);
    const values = kinds.map((kind) => {
      const value = fields.next();
      if (kind === 'text') fields.at += value;
      return value;
    });
    const [, table] = values;
    if (table !== undefined && tag === TABLE_COMES) tables.add(table);
    if (table !== undefined && tag === TABLE_GOES) tables.delete(table);
  }
}

/** Numbers of the tables that belong to the store in a folder; undefined where its manifest cannot be read. */
export async function tablesOf(folder: string): Promise<ReadonlySet<number> | undefined> {
  try {
    const current = (await readFile(join(folder, 'CURRENT'), 'utf8')).trim();
    if (!/^MANIFEST-\d+$/.test(current)) return undefined;
    const tables = new Set<number>();
    for (const change of recordsOf(await readFile(join(folder, current)))) {
      applyChange(change, tables);
    }
    return tables;
  } catch {
    return undefined;
  }
}
