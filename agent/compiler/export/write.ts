import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reasonOf, UserError } from '../../base/errors.ts';
import { makeFolder } from '../../base/folder.ts';
import type { ExportedFile } from './context.ts';
import { hashOf, MANIFEST, readManifest } from './manifest.ts';

/**
 * Writes an export into a folder, which may hold an earlier one or other files; nothing is written unless every file
 * can be. Files of an earlier export that this one lacks are removed.
 * @throws UserError `export` when a file in the way is not an earlier export's, or was changed since; `output` when the
 * folder cannot be written
 */
export async function writeExport(folder: string, files: readonly ExportedFile[]): Promise<void> {
  try {
    const earlier = readManifest((await contentOf(folder, MANIFEST))?.toString() ?? '');
    const foreign: string[] = [];
    for (const { path, text } of files) {
      if (path !== MANIFEST && !(await isOurs(folder, path, text, earlier))) foreign.push(path);
    }
    if (earlier.size === 0 && (await contentOf(folder, MANIFEST)) !== undefined) {
      foreign.push(MANIFEST);
    }
    if (foreign.length > 0) throw inTheWay(folder, foreign);
    for (const { path, text } of files) {
      await makeFolder(dirname(join(folder, path)));
      await writeFile(join(folder, path), text);
    }
    const present = new Set(files.map((file) => file.path));
    for (const [path, hash] of earlier) {
      const old = present.has(path) ? undefined : await contentOf(folder, path);
      if (old !== undefined && hashOf(old) === hash) await rm(join(folder, path));
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('output', `cannot write ${folder}: ${reasonOf(cause)}`, { cause });
  }
}

/** True where nothing is in the way of a file, or what an export wrote and nobody changed. */
async function isOurs(
  folder: string,
  path: string,
  text: string,
  earlier: ReadonlyMap<string, string>,
): Promise<boolean> {
  const present = await contentOf(folder, path);
  if (present === undefined) return true;
  const hash = hashOf(present);
  return hash === earlier.get(path) || hash === hashOf(text);
}

/** Bytes of a plain file; nothing if there is none; what is no plain file, or lies behind a link, is never ours. */
async function contentOf(folder: string, path: string): Promise<Uint8Array | undefined> {
  const parts = path.split('/').map((_, i, all) => join(folder, ...all.slice(0, i + 1)));
  for (const [i, part] of parts.entries()) {
    const entry = await lstat(part).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (entry === undefined) return undefined;
    const last = i === parts.length - 1;
    if (last ? !entry.isFile() : !entry.isDirectory()) return new TextEncoder().encode('\0');
  }
  return readFile(join(folder, path));
}

function inTheWay(folder: string, foreign: readonly string[]): UserError {
  const names = foreign.slice(0, 3).join(', ') + (foreign.length > 3 ? ', ...' : '');
  const what = foreign.length === 1 ? 'a file is' : `${foreign.length} files are`;
  return new UserError(
    'export',
    `${what} in the way in ${folder} that no export wrote, or that changed since: ${names}`,
    { hint: 'move what you changed elsewhere, or give another folder; nothing was written' },
  );
}
