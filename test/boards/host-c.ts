import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type HostProgram, hostPlan } from '../../agent/build/host-plan.ts';
import { buildPlan } from '../../agent/build/run-plan.ts';
import { findThirdParty } from '../../agent/build/third-party.ts';
import { cacheFolder, packageRoot } from '../../agent/root.ts';

export const root: string = packageRoot;
export const run = promisify(execFile);

/** The .c files of a folder under firmware/ or test/, without those named. */
export function sourcesIn(folder: string, without: readonly string[] = []): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.c') && !without.includes(name))
    .map((name) => `${folder}/${name}`);
}

/** Builds a program for this machine under ASan and UBSan, our warnings as errors; returns its path. */
export async function buildHostProgram(
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
