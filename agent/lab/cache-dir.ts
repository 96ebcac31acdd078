import { homedir } from 'node:os';
import { join } from 'node:path';

/** The cache folder that deploy/setup uses too. */
export function defaultCache(): string {
  const { OTOLITH_CACHE, XDG_CACHE_HOME } = process.env;
  return OTOLITH_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'otolith');
}
