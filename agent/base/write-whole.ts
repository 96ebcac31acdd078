import writeFileAtomic from 'write-file-atomic';

export interface WriteOptions {
  /**
   * Forces the bytes to the disk before the rename, so that a power cut leaves the old file or the new one, and no empty one.
   * Default: true; false for what is written often and may be lost.
   */
  readonly durable?: boolean;
}

/** Writes a file whole or not at all: a kill at any moment leaves the file that was there. */
export async function writeWhole(
  path: string,
  data: string | Uint8Array,
  { durable = true }: WriteOptions = {},
): Promise<void> {
  const bytes =
    typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  try {
    await writeFileAtomic(path, bytes, { fsync: durable });
  } catch (error) {
    // The file that was asked for, and not the one that was to be renamed.
    if (error instanceof Error && 'path' in error) error.path = path;
    throw error;
  }
}
