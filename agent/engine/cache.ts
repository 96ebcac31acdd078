import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { reasonOf } from '../base/errors.ts';
import { makeFolder } from '../base/folder.ts';
import { packageRoot, prebuiltFolder } from '../base/root.ts';
import type { Spawn } from '../base/tools.ts';
import { writeWhole } from '../base/write-whole.ts';
import { kernelIncludes } from '../build/firmware-plans.ts';
import { compileSteps, NAMED_CONTEXT } from '../build/plan.ts';
import { toolOf } from '../build/target.ts';
import { runTool } from '../build/toolchain.ts';
import { planOf } from '../compiler/build.ts';
import { buildWasm, wasmProgram } from '../compiler/build-wasm.ts';
import { emitModel } from '../compiler/emit.ts';
import { kernelsFor } from '../compiler/targets.ts';
import type { Model } from '../model/model.ts';

export interface WasmSource {
  /** Folder of modules compiled earlier; see `cacheFolder`. */
  readonly cache: string;
  /** Folder of modules that came with the package; default: its own. */
  readonly prebuilt?: string;
  readonly signal?: AbortSignal;
  readonly spawn?: Spawn;
  /** The cache takes nothing: why, and what follows. */
  readonly onUnkept?: (text: string) => void;
}

/** Modules kept on disk; the one not used for longest goes first. */
const KEPT = 64;
const VERSION_TIMEOUT_MS = 20_000;

/**
 * The WebAssembly of a model: as it came with the package, else from the cache, else compiled and kept. What came with the
 * package asks for no compiler.
 * @throws UserError `tool-missing` and the other codes of `runTool`
 */
export async function wasmOf(model: Model, source: WasmSource): Promise<Uint8Array<ArrayBuffer>> {
  const inputs = await wasmKey(model);
  const prebuilt = source.prebuilt ?? join(prebuiltFolder, 'wasm');
  const brought = await readIfThere(join(prebuilt, `${inputs}.wasm`));
  if (brought !== undefined) return brought;
  const folder = join(source.cache, 'wasm');
  const path = join(folder, `${await keyOf(inputs, source)}.wasm`);
  const cached = await readIfThere(path);
  if (cached !== undefined) {
    const now = new Date();
    // When it was last used decides what is thrown away; a cache that cannot be written still serves.
    await utimes(path, now, now).catch(() => {});
    return cached;
  }
  const bytes = await buildWasm([model], source);
  await keep(folder, path, bytes).catch((error: unknown) => {
    source.onUnkept?.(`${reasonOf(error)}; networks are compiled again at every start`);
  });
  return bytes;
}

/** Everything in otolith that a module's bytes depend on: generated C, kernels, flags; the name of one in the package. */
export async function wasmKey(model: Model): Promise<string> {
  const program = wasmProgram([model]);
  const hash = createHash('sha256');
  const add = (text: string | Uint8Array): unknown => hash.update(`${text.length}\n`).update(text);
  add(emitModel(model, { kernels: kernelsFor(program.target) }).source);
  const plan = planOf(program);
  add(JSON.stringify([compileSteps(plan, NAMED_CONTEXT), plan.link]));
  for (const folder of kernelIncludes(program.target)) {
    const path = join(packageRoot, folder);
    const files = await readdir(path, { recursive: true, withFileTypes: true });
    const paths = files.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
    for (const file of paths.sort()) {
      add(relative(path, file));
      add(await readFile(file));
    }
  }
  return hash.digest('hex');
}

/** The same with the compiler that is here. */
async function keyOf(inputs: string, { signal, spawn }: WasmSource): Promise<string> {
  const tool = toolOf({ kind: 'wasm' });
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
  return createHash('sha256').update(inputs).update(version).digest('hex');
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
  await writeWhole(path, bytes);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.wasm'));
  if (names.length <= KEPT) return;
  const ages = await Promise.all(
    names.map(async (name) => ({ name, used: (await stat(join(folder, name))).mtimeMs })),
  );
  ages.sort((a, b) => b.used - a.used);
  for (const { name } of ages.slice(KEPT)) await rm(join(folder, name), { force: true });
}
