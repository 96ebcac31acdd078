import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, findThirdParty } from '../../agent/firmware/third-party.ts';

export const root = new URL('../..', import.meta.url).pathname;
export const run = promisify(execFile);

const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** The .c files of a folder under firmware/ or test/, without those named. */
export function sourcesIn(folder: string, without: readonly string[] = []): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.c') && !without.includes(name))
    .map((name) => join(root, folder, name));
}

export type HostProgram = {
  readonly folder: string;
  readonly name: string;
  readonly sources: readonly string[];
  /** Folders below the project's root. */
  readonly includes: readonly string[];
  readonly defines?: readonly string[];
};

/** Builds a program for this machine under ASan and UBSan, our warnings as errors; returns its path. */
export async function buildHostProgram(program: HostProgram): Promise<string> {
  const { sodium, zcbor } = findThirdParty(cacheFolder(process.env));
  const ours = join(program.folder, program.name);
  const objects = [`${ours}-sodium.o`, `${ours}-zcbor.o`] as const;
  const foreign = [...sodium.includes, ...zcbor.includes];
  const foreignFlags = ['-g', '-w', '-r', '-nostdlib', '-ffunction-sections', '-fdata-sections'];
  // The signature code is proven and takes most of the time: only the parser is watched.
  await run('gcc', [
    ...['-O2', '-DSODIUM_STATIC=1', ...foreignFlags],
    ...sodium.includes.map((folder) => `-I${folder}`),
    ...[...sodium.hash, ...sodium.signature, '-o', objects[0]],
  ]);
  await run('gcc', [
    ...['-O1', '-DZCBOR_CANONICAL', ...sanitizers, ...foreignFlags],
    ...zcbor.includes.map((folder) => `-I${folder}`),
    ...[...zcbor.sources, '-o', objects[1]],
  ]);
  await run('gcc', [
    ...['-std=c11', '-D_DEFAULT_SOURCE', '-DZCBOR_CANONICAL', '-O1', '-g', ...sanitizers],
    ...['-Wall', '-Wextra', '-Werror', '-Wconversion', ...(program.defines ?? [])],
    ...program.includes.map((folder) => `-I${join(root, folder)}`),
    ...foreign.flatMap((folder) => ['-isystem', folder]),
    ...[...program.sources, ...objects, '-Wl,--gc-sections', '-o', ours],
  ]);
  return ours;
}
