#!/usr/bin/env node
// Launches the compiled program; `deploy/setup` (or `npm run build`) compiles it.
import { existsSync } from 'node:fs';

const compiled = new URL('../../dist/agent/cli/main.js', import.meta.url);
if (existsSync(compiled)) {
  const { main } = await import(compiled.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error('otolith: the program is not built yet; run deploy/setup (or npm run build) first');
  process.exit(1);
}
