import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Spawn } from '../base/tools.ts';
import type { Model } from '../model/model.ts';
import { buildProgram, type Program } from './build.ts';

/** Bytes of the module's own stack; the largest frame is some 200 bytes. */
const STACK_BYTES = 16384;

/** The WebAssembly module of some models (firmware/wasm/module.c says what it exports). */
export function wasmProgram(models: readonly Model[]): Program {
  return {
    target: { kind: 'wasm' },
    models,
    sources: ['firmware/wasm/module.c'],
    link: [
      '-nostdlib',
      ...['--no-entry', '--strip-all', '--export=__heap_base'],
      // Below the data, so that an overflow traps.
      ...['--stack-first', '-z', `stack-size=${STACK_BYTES}`],
    ].map((flag) => (flag.startsWith('-nostdlib') ? flag : `-Wl,${flag}`)),
  };
}

/**
 * Compiles models to one WebAssembly module and returns its bytes.
 * @throws UserError `tool-missing`, `tool-timeout`, `tool-failed`
 */
export async function buildWasm(
  models: readonly Model[],
  options: { readonly signal?: AbortSignal; readonly spawn?: Spawn } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'otolith-wasm-'));
  const output = join(folder, 'model.wasm');
  try {
    await buildProgram(wasmProgram(models), { output, ...options });
    return new Uint8Array(await readFile(output));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
