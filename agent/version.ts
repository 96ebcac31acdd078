import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from './root.ts';

const manifest = z.object({ version: z.string() });

/** The version of otolith, as package.json says. */
export const VERSION: string = manifest.parse(
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')),
).version;
