import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { origin } from '../base/set-up-hint.ts';

/** What one types to call otolith: its name where a shell finds it, as the package installs it; else as in a clone. */
export function programName({ PATH = '' }: NodeJS.ProcessEnv = process.env): string {
  if (origin === 'package') return 'otolith';
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => existsSync(join(folder, 'otolith'))) ? 'otolith' : 'npx otolith';
}
