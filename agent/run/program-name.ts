import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What one types to call otolith: its name where a shell finds it, as the package installs it; else as in a clone. */
export function programName({ PATH = '' }: NodeJS.ProcessEnv = process.env): string {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => existsSync(join(folder, 'otolith'))) ? 'otolith' : 'npx otolith';
}
