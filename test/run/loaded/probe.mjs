// For `node --import`: writes which modules the program loads, one a line, into the file named by LOADED_MODULES.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const file = process.env.LOADED_MODULES;
register('./hooks.mjs', import.meta.url, { data: { file } });
// What CommonJS requires from CommonJS passes by the hooks, but lies in the cache.
process.once('exit', () => {
  for (const path of Object.keys(createRequire(import.meta.url).cache))
    appendFileSync(file, `${pathToFileURL(path)}\n`);
});
