import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type EmulatedProgram,
  programFor,
  runEmulated,
} from '../../agent/bench/emulated-program.ts';
import type { BoardFile } from '../../agent/boards/board-file.ts';
import { buildProgram, type GeneratedFile } from '../../agent/compiler/build.ts';
import { buildWasm } from '../../agent/compiler/build-wasm.ts';
import { emitModel } from '../../agent/compiler/emit.ts';
import { kernelsFor } from '../../agent/compiler/targets.ts';
import { CompiledModel } from '../../agent/engine/compiled-model.ts';
import type { Model } from '../../agent/model/model.ts';

/** A network and the windows it is run on. */
export interface Case {
  readonly model: Model;
  readonly windows: readonly Int16Array[];
}

/** Scores by case and window. */
export type Scores = readonly (readonly (readonly number[])[])[];

/** Runs cases as C on this machine, under the address and undefined-behaviour sanitizers. */
export async function runOnHost(cases: readonly Case[]): Promise<Scores> {
  return inFolder(async (folder) => {
    const output = join(folder, 'vectors');
    const sources = ['test/vectors/host.c', 'test/vectors/vectors.c'];
    const program = programOf(cases, sources);
    await buildProgram({ ...program, target: { kind: 'host' } }, { output });
    const { stdout } = await promisify(execFile)(output, [], { maxBuffer: 1 << 26 });
    return parseScores(stdout, cases);
  });
}

/** Runs cases in the engine. */
export async function runInWasm(cases: readonly Case[]): Promise<Scores> {
  const bytes = await buildWasm(cases.map((c) => c.model));
  return Promise.all(
    cases.map(async ({ model, windows }, index) => {
      const compiled = await CompiledModel.fromWasm(model, bytes, index);
      return windows.map((window) => [...compiled.run(window).scores]);
    }),
  );
}

/** Runs cases on an emulated board. */
export async function runOnBoard(board: BoardFile, cases: readonly Case[]): Promise<Scores> {
  return inFolder(async (folder) => {
    const elf = join(folder, 'vectors.elf');
    const kernels = kernelsFor(programFor(board, programOf([], [])).target);
    const arenas = cases.map(({ model }) => emitModel(model, { kernels }).layout.arena.bytes);
    const sources = ['test/vectors/board.c', 'test/vectors/vectors.c'];
    const program = programOf(cases, sources, [`-DOTO_VECTORS_ARENA=${Math.max(...arenas)}u`]);
    await buildProgram(programFor(board, program), { output: elf });
    const task = `test vectors on ${board.id}`;
    return parseScores(await runEmulated(board, elf, { task, timeoutMs: 240_000 }), cases);
  });
}

function programOf(
  cases: readonly Case[],
  sources: readonly string[],
  defines: readonly string[] = [],
): EmulatedProgram {
  return {
    models: cases.map((c) => c.model),
    sources,
    generated: [windowsFile(cases)],
    includes: ['test/vectors', 'firmware/boards'],
    defines,
  };
}

/** The windows as C. */
function windowsFile(cases: readonly Case[]): GeneratedFile {
  const arrays = cases.map(
    ({ windows }, i) =>
      `static const int16_t samples_${i}[] = {${windows.map((w) => w.join(',')).join(',\n')}};`,
  );
  const entries = cases.map(({ windows }, i) => `{samples_${i}, ${windows.length}},`);
  const text = [
    '#include "vectors.h"',
    ...arrays,
    'const oto_test_vector oto_test_vectors[] = {',
    ...entries,
    '};',
    '',
  ].join('\n');
  return { name: 'windows.c', text };
}

function parseScores(output: string, cases: readonly Case[]): Scores {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('scores'))
    .map((line) => line.trim().split(' ').slice(1).map(Number));
  let at = 0;
  return cases.map(({ windows }) => windows.map(() => lines[at++] ?? []));
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'otolith-vectors-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
