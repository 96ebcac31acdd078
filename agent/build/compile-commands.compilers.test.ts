import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cacheFolder, packageRoot } from '../base/root.ts';
import { compileCommands, plansFor } from './compile-commands.ts';
import { findThirdParty } from './third-party.ts';

test.each(['host', 'wasm', 'cortex-m55'])(
  'each command for %s compiles its file',
  async (target) => {
    const out = await mkdtemp(join(tmpdir(), 'otolith-commands-'));
    const context = { root: packageRoot, thirdParty: findThirdParty(cacheFolder()), out };
    const commands = compileCommands(plansFor(target), context);
    const files = commands.map(({ file }) => file);
    expect(new Set(files).size).toBe(files.length);
    const some = commands.filter(({ file }) => /swap|intake|module|stopwatch/.test(basename(file)));
    expect(some.length).toBeGreaterThan(0);
    try {
      for (const { arguments: words, directory } of some) {
        const [tool = '', ...args] = words;
        await promisify(execFile)(tool, [...args, '-fsyntax-only'], { cwd: directory });
      }
    } finally {
      await rm(out, { recursive: true });
    }
  },
);
