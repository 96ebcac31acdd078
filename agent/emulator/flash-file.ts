import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toHex } from '../../protocol/bytes.ts';
import { makeFolder } from '../base/folder.ts';
import { type BoardFile, emulatedOf, flashBytes } from '../boards/board-file.ts';

/*
 * Behind the board's flash, where no firmware writes: the serial number that the board reports
 * (firmware/boards/memory-mapped/flash.c), then a seed that was drawn when the file was made.
 */
const SERIAL_BYTES = 8;
const SEED_BYTES = 16;

/**
 * Writes a flash file as it leaves the factory: erased (0xff, as NOR flash), with an image in slot 0 or empty. The rest
 * of the machine's memory is sparse.
 */
export async function createFlash(
  board: BoardFile,
  path: string,
  image?: Uint8Array,
): Promise<void> {
  const bytes = Buffer.alloc(flashBytes(board), 0xff);
  if (image !== undefined) bytes.set(image, board.flash.slot0);
  await makeFolder(dirname(path));
  const draft = `${path}.new`;
  const file = await open(draft, 'w');
  await file.write(bytes);
  await file.close();
  await truncate(draft, emulatedOf(board).memoryBytes);
  await rename(draft, path);
}

/** Gives the board its serial number: another for each file, also for copies of one and for one made again. */
export async function stampSerial(board: BoardFile, path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const seed = await seedOf(file, flashBytes(board) + SERIAL_BYTES);
    const digest = createHash('sha256')
      .update(seed)
      .update(await realpath(path))
      .digest();
    await file.write(digest.subarray(0, SERIAL_BYTES), 0, SERIAL_BYTES, flashBytes(board));
  } finally {
    await file.close();
  }
}

/** The serial number as the board reports it, in hex; undefined where the file has none yet. */
export async function readSerial(board: BoardFile, path: string): Promise<string | undefined> {
  const serial = Buffer.alloc(SERIAL_BYTES);
  try {
    const file = await open(path, 'r');
    await file.read(serial, 0, SERIAL_BYTES, flashBytes(board)).finally(() => file.close());
  } catch {
    return undefined; // another user's, or gone
  }
  return serial.some((byte) => byte !== 0) ? toHex(serial) : undefined;
}

async function seedOf(file: FileHandle, at: number): Promise<Buffer> {
  const seed = Buffer.alloc(SEED_BYTES);
  await file.read(seed, 0, SEED_BYTES, at);
  if (seed.some((byte) => byte !== 0)) return seed;
  const drawn = randomBytes(SEED_BYTES);
  await file.write(drawn, 0, SEED_BYTES, at);
  return drawn;
}
