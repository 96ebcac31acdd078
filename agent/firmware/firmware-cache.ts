import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../base/folder.ts';
import { packageRoot, prebuiltFolder } from '../base/root.ts';
import {
  type BuildContext,
  type BuildPlan,
  compileSteps,
  linkCommand,
  NAMED_CONTEXT,
} from '../build/plan.ts';
import { buildPlan } from '../build/run-plan.ts';
import { findThirdParty } from '../build/third-party.ts';
import { runTool } from '../build/toolchain.ts';

/** Each takes a megabyte or two. */
const MOST_BUILDS = 48;

export interface FirmwareOptions {
  /** Folder of things that can be made again; builds are cached there. */
  readonly cache: string;
  /** Folder of builds that came with the package; default: its own. */
  readonly prebuilt?: string;
  readonly signal?: AbortSignal;
}

/** What is to be built. */
export interface BuildOrder {
  readonly board: string;
  /** Of its files: `app.elf`, `app.bin`. */
  readonly name: 'app' | 'boot';
  readonly plan: BuildPlan;
  /** For messages: "the bootloader of cortex-m4". */
  readonly task: string;
  /** Text files that the plan finds in build/. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface FirmwareBuild {
  /** Path of the program with its debug information. */
  readonly elf: string;
  /** Path of the raw bytes from the vector table on: the body of an image. */
  readonly bin: string;
}

/** The key of a build: everything that enters it, and no path of this machine. */
export async function buildKey({ board, plan, files = {} }: BuildOrder): Promise<string> {
  const steps = compileSteps(plan, NAMED_CONTEXT);
  const link = linkCommand(plan, [], NAMED_CONTEXT, '');
  const digest = createHash('sha256');
  digest.update(JSON.stringify([steps, link, files]));
  digest.update(await firmwareDigest());
  return `${board}-${digest.digest('hex').slice(0, 24)}`;
}

/** A build as it came with the package, else from the cache, else made now in a folder of its name. */
export async function cachedBuild(
  order: BuildOrder,
  options: FirmwareOptions,
): Promise<FirmwareBuild> {
  const key = await buildKey(order);
  const brought = join(options.prebuilt ?? join(prebuiltFolder, 'firmware'), key);
  if (existsSync(brought)) return filesIn(brought, order);
  const folder = await cachedFolder(key, options, async (out) => {
    const thirdParty = findThirdParty(options.cache);
    await build(order, { root: packageRoot, thirdParty, out }, options);
  });
  return filesIn(folder, order);
}

function filesIn(folder: string, { name }: BuildOrder): FirmwareBuild {
  return { elf: join(folder, `${name}.elf`), bin: join(folder, `${name}.bin`) };
}

async function build(
  order: BuildOrder,
  context: BuildContext,
  { cache, signal }: FirmwareOptions,
): Promise<void> {
  const { plan, task, files = {} } = order;
  const { elf, bin } = filesIn(context.out, order);
  await Promise.all(
    Object.entries(files).map(([file, text]) => writeFile(join(context.out, file), text)),
  );
  const objectCache = join(cache, 'firmware-objects');
  const objects = await buildPlan(plan, context, { task, objectCache, signal, output: elf });
  const raw = { tool: 'arm-none-eabi-objcopy', args: ['-O', 'binary', elf, bin] } as const;
  await runTool(raw, { task: `reading ${elf}`, cwd: context.out, signal });
  await Promise.all(objects.map((object) => rm(object)));
}

/** A folder of the cache, filled by `make` unless it is there. */
export async function cachedFolder(
  name: string,
  { cache }: Pick<FirmwareOptions, 'cache'>,
  make: (draft: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, 'firmware-builds', name);
  if (existsSync(folder)) await touch(folder);
  else await makeWhole(folder, make);
  return folder;
}

/** Fills a draft and renames it, so that no other process sees half of it. */
async function makeWhole(folder: string, make: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${folder}.${randomUUID()}`;
  await makeFolder(draft);
  try {
    await make(draft);
    // Another process may have built the same meanwhile: either result will do.
    await rename(draft, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await prune(dirname(folder));
}

/** When it was last used decides what is thrown away. */
async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
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
    aged.slice(MOST_BUILDS).map(({ path }) => rm(path, { recursive: true, force: true })),
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
