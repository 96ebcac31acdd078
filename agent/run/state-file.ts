import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../folder.ts';

/** Writes a small file of the state folder whole, and its folder where there is none. */
export async function writeStateFile(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path));
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}
