import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compileCommand } from '../compiler/build.ts';
import { buildWasm, wasmProgram } from '../compiler/build-wasm.ts';
import { emitModel } from '../compiler/emit.ts';
import { compilerOf, includesOf, kernelsFor } from '../compiler/targets.ts';
import { runTool, type Spawn } from '../compiler/toolchain.ts';
import { reasonOf, UserError } from '../errors.ts';
import { makeFolder } from '../folder.ts';
import type { Model } from '../model/model.ts';
import { packageRoot } from '../root.ts';

export interface WasmSource {
  /** Folder of modules compiled earlier; see `cacheFolder`. */
  readonly cache: string;
  /** Folder with `<model hash>.wasm` files, for gateways without a compiler. */
  readonly prebuilt?: string | undefined;
  readonly signal?: AbortSignal;
  readonly spawn?: Spawn;
  /** The cache takes nothing: why, and what follows. */
  readonly onUnkept?: (text: string) => void;
}

/** Modules kept on disk; the one not used for longest goes first. */
const KEPT = 64;
const VERSION_TIMEOUT_MS = 20_000;

/** Where otolith keeps what it can make again (deploy/setup uses the same). */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return env.OTOLITH_CACHE ?? join(base, 'otolith');
}

/**
 * The WebAssembly of a model: from the cache, else compiled and kept; without a compiler, the prebuilt one.
 * @throws UserError `tool-missing` and the other codes of `runTool`
 */
export async function wasmOf(model: Model, source: WasmSource): Promise<Uint8Array<ArrayBuffer>> {
  let key: string;
  try {
    key = await keyOf(model, source);
  } catch (error) {
    const missing = error instanceof UserError && error.code === 'tool-missing';
    const prebuilt = missing ? await prebuiltOf(model, source.prebuilt) : undefined;
    if (prebuilt === undefined) throw error;
    return prebuilt;
  }
  const folder = join(source.cache, 'wasm');
  const path = join(folder, `${key}.wasm`);
  const kept = await readIfThere(path);
  if (kept !== undefined) {
    const now = new Date();
    // When it was last used decides what is thrown away; a cache that cannot be written still serves.
    await utimes(path, now, now).catch(() => {});
    return kept;
  }
  const bytes = await buildWasm([model], source);
  await keep(folder, path, bytes).catch((error: unknown) => {
    source.onUnkept?.(`${reasonOf(error)}; networks are compiled again at every start`);
  });
  return bytes;
}

/** Everything the module's bytes depend on: generated C, kernels, flags, compiler. */
async function keyOf(model: Model, { signal, spawn }: WasmSource): Promise<string> {
  const program = wasmProgram([model]);
  const { tool } = compilerOf(program.target);
  const version = await runTool(
    { tool, args: ['--version'] },
    {
      task: 'asking for its version',
      cwd: packageRoot,
      timeoutMs: VERSION_TIMEOUT_MS,
      signal,
      spawn,
    },
  );
  const hash = createHash('sha256');
  const add = (text: string | Uint8Array): unknown => hash.update(`${text.length}\n`).update(text);
  add(version);
  add(emitModel(model, { kernels: kernelsFor(program.target) }).source);
  const { args } = compileCommand(program, 'model.c', 'model.o');
  add([...args, ...(program.link ?? [])].join('\n').replaceAll(packageRoot, '.'));
  for (const folder of includesOf(program.target)) {
    const path = join(packageRoot, 'firmware', folder);
    for (const file of (await readdir(path)).sort()) add(await readFile(join(path, file)));
  }
  return hash.digest('hex');
}

async function prebuiltOf(
  model: Model,
  folder: string | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return folder === undefined ? undefined : readIfThere(join(folder, `${model.hash}.wasm`));
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A cache that is no folder, or may not be read, serves as little as an empty one.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}

/** Writes a module whole (a rename makes it visible), then drops the oldest beyond what is kept. */
async function keep(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(folder);
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, bytes);
  await rename(part, path);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.wasm'));
  if (names.length <= KEPT) return;
  const ages = await Promise.all(
    names.map(async (name) => ({ name, used: (await stat(join(folder, name))).mtimeMs })),
  );
  ages.sort((a, b) => b.used - a.used);
  for (const { name } of ages.slice(KEPT)) await rm(join(folder, name), { force: true });
}
