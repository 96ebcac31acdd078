/**
 * Reads of LevelDB's tables (github.com/google/leveldb, doc/table_format.md) just what shows whether they are whole: as it
 * is built here, LevelDB checks no sum of a table, takes garbage for records, and ends the process (an assertion) when
 * it merges keys that are out of order.
 */

const FOOTER = 48;
/** Behind each block: its type, and the masked CRC-32C of block and type. */
const TRAILER = 5;
const MAGIC = 0xdb4775248b80fb57n;
const UNCOMPRESSED = 0;
/** No type of block: LevelDB then says that it cannot read this one, and goes on behind it. */
const NO_TYPE = 0xff;

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

/** As LevelDB stores it. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] ?? 0);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** Reads numbers of seven bits a byte, one after the other. */
export class Varints {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('no number');
  }

  handle(): Handle {
    return { offset: this.next(), size: this.next() };
  }
}

function isWhole(table: Buffer, { offset, size }: Handle): boolean {
  const end = offset + size;
  if (end + TRAILER > table.length) return false;
  return maskedCrc32c(table.subarray(offset, end + 1)) === table.readUInt32LE(end + 1);
}

/** Where the data blocks lie. @throws RangeError where the index says nothing sensible */
function handlesOf(index: Buffer): readonly Handle[] {
  const restarts = index.readUInt32LE(index.length - 4);
  const end = index.length - 4 * (restarts + 1);
  const handles: Handle[] = [];
  for (let at = 0; at < end; ) {
    const entry = new Varints(index, at);
    const [, unshared, length] = [entry.next(), entry.next(), entry.next()];
    handles.push(new Varints(index, entry.at + unshared).handle());
    at = entry.at + unshared + length;
  }
  return handles;
}

/** `mendable`: a copy in which what is damaged cannot be taken for records. `unreadable`: nothing of it can be trusted. */
export type TableState =
  | { readonly kind: 'whole' }
  | { readonly kind: 'mendable'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable' };

/** Checks the sums of all blocks of a table. */
export function checkTable(table: Buffer): TableState {
  try {
    const footer = table.length - FOOTER;
    if (table.readBigUInt64LE(table.length - 8) !== MAGIC) return { kind: 'unreadable' };
    const handles = new Varints(table, footer);
    handles.handle(); // of the block that describes filters: there are none
    const { offset, size } = handles.handle();
    if (!isWhole(table, { offset, size })) return { kind: 'unreadable' };
    // Versions before 0.2 compressed their tables: what those hold is checked record by record alone.
    if (table[offset + size] !== UNCOMPRESSED) return { kind: 'whole' };
    const bad = handlesOf(table.subarray(offset, offset + size)).filter((h) => !isWhole(table, h));
    if (bad.length === 0) return { kind: 'whole' };
    const bytes = Buffer.from(table);
    for (const block of bad) bytes[block.offset + block.size] = NO_TYPE;
    return { kind: 'mendable', bytes };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'unreadable' };
    throw error;
  }
}
