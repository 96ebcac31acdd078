import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { cacheFolder, packageRoot } from '../../agent/base/root.ts';
import { type HostProgram, hostPlan } from '../../agent/build/host-plan.ts';
import { buildPlan } from '../../agent/build/run-plan.ts';
import { findThirdParty } from '../../agent/build/third-party.ts';

export const root: string = packageRoot;
export const run = promisify(execFile);

/** The .c files of a folder under firmware/ or test/, without those named. */
export function sourcesIn(folder: string, without: readonly string[] = []): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.c') && !without.includes(name))
    .map((name) => `${folder}/${name}`);
}

/** A program for this machine, built before the tests of this file run in a folder that goes after them. */
export function useHostProgram(name: string, program: HostProgram) {
  const folder = mkdtempSync(join(tmpdir(), `otolith-${name}-`));
  let path = '';
  beforeAll(async () => {
    path = await buildHostProgram(folder, name, program);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    /** Path of the program. */
    get path(): string {
      return path;
    },
    /** Writes a file for it; returns its path. */
    write: (file: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, file), bytes);
      return join(folder, file);
    },
  };
}

/** Builds a program for this machine under ASan and UBSan, our warnings as errors; returns its path. */
async function buildHostProgram(
  folder: string,
  name: string,
  program: HostProgram,
): Promise<string> {
  const cache = cacheFolder();
  const out = mkdtempSync(join(folder, 'build-'));
  const context = { root, thirdParty: findThirdParty(cache), out };
  const output = join(folder, name);
  const objectCache = join(cache, 'firmware-objects');
  await buildPlan(hostPlan(program), context, { task: name, output, objectCache });
  rmSync(out, { recursive: true });
  return output;
}
