import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './root.ts';

/** The version of otolith, as package.json says: what `--version`, messages, the man page and firmware images carry. */
export const VERSION: string = readVersion(join(packageRoot, 'package.json'));

function readVersion(file: string): string {
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  if (known && typeof manifest.version === 'string') return manifest.version;
  throw new Error(`${file} has no version`);
}
