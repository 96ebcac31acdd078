#!/usr/bin/env node
// Launches the compiled program; `deploy/setup` (or `npm run build`) compiles it.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Keeps compiled code from one command to the next, in this user's own cache, where Node can (22.1). */
function keepCompiledCode() {
  const { OTOLITH_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = OTOLITH_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'otolith');
  const folder = join(cache, 'node');
  try {
    // Node 22 never returns from making a folder where none can be made, such as below /proc.
    if (!existsSync(folder)) mkdirSync(folder);
    accessSync(folder, constants.W_OK);
  } catch {
    return; // slower by a tenth of a second, and no more
  }
  module.enableCompileCache?.(folder);
}

const compiled = new URL('../../dist/agent/cli/program.js', import.meta.url);
if (existsSync(compiled)) {
  if ('enableCompileCache' in module) keepCompiledCode();
  const { program } = await import(compiled.href);
  await program(process.argv.slice(2));
} else {
  const isClone = existsSync(new URL('../../deploy/setup', import.meta.url));
  console.error(
    isClone
      ? 'otolith: the program is not built yet; run deploy/setup (or npm run build) first'
      : 'otolith: this package was packed without its program; pack it by "npm run package", in a clone of otolith',
  );
  process.exit(1);
}
