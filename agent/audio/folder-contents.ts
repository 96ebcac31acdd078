import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { audioExtensions } from './decode/decode.ts';
import { litter } from './litter.ts';

/** A file or folder that is no clip, and why. */
export interface Ignored {
  readonly name: string;
  readonly why: string;
}

/** What lies in a folder, litter left out. */
export interface Contents {
  /** Names of recordings, by their endings. */
  readonly recordings: readonly string[];
  readonly folders: readonly string[];
  /** Everything else, by name. */
  readonly ignored: readonly Ignored[];
}

/** Reads one folder; links count as what they lead to. An unreadable or missing one is empty. */
export async function contentsOf(dir: string): Promise<Contents> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const recordings: string[] = [];
  const folders: string[] = [];
  const ignored: Ignored[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    const kind = await kindOf(dir, entry);
    const left = litter(name);
    if (left !== undefined) ignored.push({ name, why: left });
    else if (kind === 'folder') folders.push(name);
    else if (kind !== 'file') ignored.push({ name, why: kind });
    else if (isRecording(name)) recordings.push(name);
    else ignored.push({ name, why: whyNot(name) });
  }
  return { recordings, folders, ignored };
}

async function kindOf(dir: string, entry: Dirent): Promise<'folder' | 'file' | string> {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  const target = await stat(join(dir, entry.name)).catch(() => undefined);
  if (target === undefined) return 'a link to nothing';
  if (target.isDirectory()) return 'folder';
  return target.isFile() ? 'file' : 'no file';
}

export function isRecording(name: string): boolean {
  return audioExtensions.includes(extname(name).toLowerCase());
}

function whyNot(name: string): string {
  const ending = extname(name);
  return ending === '' ? 'no ending that says what it is' : `${ending} is not a recording's ending`;
}

/** Everything of a folder that is not looked into, as far as it can be counted, said once. */
export async function ignoredFolder(dir: string, name: string, why: string): Promise<Ignored> {
  const files = await readdir(join(dir, name), { recursive: true }).catch(() => []);
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  return { name: `${name}/`, why: `${why} (${count})` };
}

/** Names as they are from the folder above. */
export function below(folder: string, ignored: readonly Ignored[]): readonly Ignored[] {
  return ignored.map(({ name, why }) => ({ name: join(folder, name), why }));
}
