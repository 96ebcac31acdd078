import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';

/** Folders of single folds under a runs folder; the folder itself if it is one. */
export async function foldFolders(runs: string, file: string): Promise<readonly string[]> {
  if (existsSync(join(runs, file))) return [runs];
  const names = existsSync(runs) ? (await readdir(runs)).sort() : [];
  const found = names.map((n) => join(runs, n)).filter((dir) => existsSync(join(dir, file)));
  if (found.length > 0) return found;
  throw new UserError('runs', `${runs} holds no ${file}`, {
    mend: 'give the --out folder of otolith train once a fold has finished',
  });
}
