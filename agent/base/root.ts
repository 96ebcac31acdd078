import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json, where firmware/ lies: the same from the sources and from dist/. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** What a package brings already compiled, each under the key of everything it is made from; absent in a clone. */
export const prebuiltFolder: string = join(packageRoot, 'prebuilt');

/** Where otolith keeps what it can make again, and deploy/setup its downloads. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return env.OTOLITH_CACHE ?? join(base, 'otolith');
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('no package.json above the program');
  return findRoot(parent);
}
