import { dirname } from 'node:path';
import { makeFolder } from '../base/folder.ts';
import { writeWhole } from '../base/write-whole.ts';

/** Writes a small file of the state folder whole, and its folder where there is none; after a power cut it may be an older one. */
export async function writeStateFile(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeWhole(path, text, { durable: false });
}
