import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BoardFile } from '../boards/board-file.ts';
import { runConfined } from '../compiler/confine.ts';
import { isTool, runTool } from '../compiler/toolchain.ts';
import { makeFolder } from '../folder.ts';
import { packageRoot, prebuiltFolder } from '../root.ts';
import type { FirmwareBuild, FirmwareSite } from './firmware-build.ts';
import { findThirdParty, thirdPartyIn } from './third-party.ts';

/** Each takes a megabyte or two. */
const BUILDS_KEPT = 48;

export interface FirmwareOptions {
  /** Folder of things that can be made again; builds are kept there. */
  readonly cache: string;
  /** Folder of builds that came with the package; default: its own. */
  readonly prebuilt?: string;
  readonly signal?: AbortSignal;
}

/** What is to be built. */
export interface BuildOrder {
  readonly board: BoardFile;
  readonly plan: (site: FirmwareSite) => FirmwareBuild;
  /** For messages: "the bootloader of cortex-m4". */
  readonly task: string;
  /** Text files that the plan finds in its folder. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The name of a build: everything that enters it, and no path of this machine. */
export async function buildName({ board, plan, files = {} }: BuildOrder): Promise<string> {
  const site = { root: '.', board, thirdParty: thirdPartyIn('third-party'), out: '' };
  const digest = createHash('sha256');
  digest.update(JSON.stringify([plan(site).steps, files]));
  digest.update(await firmwareDigest());
  return `${board.id}-${digest.digest('hex').slice(0, 24)}`;
}

/** A build as it came with the package, else as it was kept, else made now in a folder of its name. */
export async function kept(order: BuildOrder, options: FirmwareOptions): Promise<FirmwareBuild> {
  const { board, plan, task, files = {} } = order;
  const name = await buildName(order);
  const paths = { root: packageRoot, board, thirdParty: thirdPartyIn('third-party') };
  const brought = join(options.prebuilt ?? join(prebuiltFolder, 'firmware'), name);
  if (existsSync(brought)) return plan({ ...paths, out: brought });
  const out = join(options.cache, 'firmware-builds', name);
  const done = plan({ ...paths, out });
  if (existsSync(out)) {
    await touch(out);
    return done;
  }
  const site = { ...paths, thirdParty: findThirdParty(options.cache) };
  await makeBuild(out, async (draft) => {
    await Promise.all(
      Object.entries(files).map(([file, text]) => writeFile(join(draft, file), text)),
    );
    await runSteps(plan({ ...site, out: draft }), task, draft, options);
  });
  return done;
}

/** A folder of the cache beside the builds, made by `make` unless it is there. */
export async function keptFolder(
  name: string,
  { cache }: FirmwareOptions,
  make: (draft: string) => Promise<void>,
): Promise<string> {
  const out = join(cache, 'firmware-builds', name);
  if (existsSync(out)) await touch(out);
  else await makeBuild(out, make);
  return out;
}

async function makeBuild(out: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${out}.${randomUUID()}`;
  await makeFolder(draft);
  try {
    await make(draft);
    // Another process may have built the same meanwhile: either result will do.
    await rename(draft, out).catch((error) => {
      if (!existsSync(out)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await prune(dirname(out));
}

/** When it was last used decides what is thrown away. */
async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

async function runSteps(
  build: FirmwareBuild,
  task: string,
  draft: string,
  options: FirmwareOptions,
): Promise<void> {
  for (const { argv, output, reusable, confined } of build.steps) {
    const [tool, ...args] = argv;
    if (!isTool(tool)) throw new Error(`a build runs ${tool}`);
    // Other people's C is the same in every build of a board: compiled once.
    const digest = createHash('sha256').update(argv.join('\n').replaceAll(draft, ''));
    const shelf = join(options.cache, 'firmware-objects', `${digest.digest('hex').slice(0, 24)}.o`);
    if (reusable && existsSync(shelf)) {
      await copyFile(shelf, output);
      continue;
    }
    const how = { task: `compiling ${task}`, cwd: draft, signal: options.signal };
    if (confined === undefined) await runTool({ tool, args }, how);
    else await runConfined({ tool, args }, { ...how, read: confined });
    if (reusable) await shelve(output, shelf);
  }
}

/** Copies by way of a rename, so that no other process sees half a file. */
async function shelve(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  const draft = `${to}.${randomUUID()}`;
  await copyFile(from, draft);
  await rename(draft, to);
}

/** Removes the builds that have not been made or used for longest. */
async function prune(folder: string): Promise<void> {
  const names = await readdir(folder);
  const aged = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, ms: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  aged.sort((a, b) => b.ms - a.ms);
  await Promise.all(
    aged.slice(BUILDS_KEPT).map(({ path }) => rm(path, { recursive: true, force: true })),
  );
}

/** SHA-256 of every file under firmware/, in order of their names. */
async function firmwareDigest(): Promise<Uint8Array> {
  const root = join(packageRoot, 'firmware');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digest = createHash('sha256');
  for (const path of paths) digest.update(path.slice(root.length)).update(await readFile(path));
  return digest.digest();
}
