import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Model } from '../model/model.ts';
import { packageRoot } from '../root.ts';
import { runConfined } from './confine.ts';
import { type Emitted, emitModel } from './emit.ts';
import { compilerOf, includesOf, kernelsFor, type Target, targetName } from './targets.ts';
import { runTool, type Spawn, type ToolCommand } from './toolchain.ts';

/** A program to build: models, the C that drives them, and how it is linked. */
export interface Program {
  readonly target: Target;
  readonly models: readonly Model[];
  /** C files besides the models', absolute or relative to the package's root. */
  readonly sources: readonly string[];
  /** C files besides the models' that are made for this program. */
  readonly generated?: readonly GeneratedFile[];
  /** Folders of headers besides the kernels', relative to the package's root. */
  readonly includes?: readonly string[];
  readonly defines?: readonly string[];
  readonly link?: readonly string[];
}

export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

export interface BuildOptions {
  /** The file to write. */
  readonly output: string;
  /** Receives the object file of each model. */
  readonly onObject?: (index: number, bytes: Uint8Array) => void;
  readonly signal?: AbortSignal | undefined;
  readonly spawn?: Spawn | undefined;
}

/** What generated C includes. */
const READ = [join(packageRoot, 'firmware')];

/** Symbol of the n-th model of a program; oto_models lists them in order. */
export const modelSymbol = (index: number): string => `oto_model_${index}`;

/**
 * Compiles models for a target and links them with a driving program. The same program gives the same bytes: no path
 * and no time enters them.
 * @throws UserError `tool-missing`, `tool-timeout`, `tool-failed`
 */
export async function buildProgram(
  program: Program,
  options: BuildOptions,
): Promise<readonly Emitted[]> {
  const kernels = kernelsFor(program.target);
  const emitted = program.models.map((model, i) =>
    emitModel(model, { kernels, symbol: modelSymbol(i) }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'otolith-build-'));
  try {
    const generated = emitted.map((e, i) => ({ name: `model_${i}.c`, text: e.source }));
    const table = { name: 'models.c', text: modelTable(program.models.length) };
    const files = [...generated, table, ...(program.generated ?? [])];
    await Promise.all(files.map((file) => writeFile(join(folder, file.name), file.text)));
    const sources = [
      ...files.map((file) => file.name),
      ...program.sources.map((source) => resolve(packageRoot, source)),
    ];
    const names = program.models.map((model) => model.metadata.name);
    const task = `compiling ${shortList(names)} for ${targetName(program.target)}`;
    const run = (command: ToolCommand): Promise<string> =>
      runTool(command, { task, cwd: folder, signal: options.signal, spawn: options.spawn });
    const confined = (command: ToolCommand): Promise<string> =>
      runConfined(command, { task, cwd: folder, ...options, read: READ });
    const objects = sources.map((_, i) => `${i}.o`);
    await inParallel(sources, (source, i) => {
      const command = compileCommand(program, source, `${i}.o`);
      return i < generated.length ? confined(command) : run(command);
    });
    if (options.onObject !== undefined) {
      for (const i of generated.keys()) options.onObject(i, await readFile(join(folder, `${i}.o`)));
    }
    await run(linkCommand(program, objects, options.output));
    return emitted;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Compiles one model to an object file that defines `oto_model_instance`.
 * @throws UserError `tool-missing`, `tool-timeout`, `tool-failed`
 */
export async function compileObject(
  model: Model,
  target: Target,
  options: Omit<BuildOptions, 'output'> = {},
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'otolith-build-'));
  try {
    const { source } = emitModel(model, { kernels: kernelsFor(target) });
    await writeFile(join(folder, 'model.c'), source);
    const program = { target, models: [model], sources: [] };
    const task = `compiling ${model.metadata.name} for ${targetName(target)}`;
    const command = compileCommand(program, 'model.c', 'model.o');
    await runConfined(command, { task, cwd: folder, ...options, read: READ });
    return await readFile(join(folder, 'model.o'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The command that compiles one C file. */
export function compileCommand(program: Program, source: string, object: string): ToolCommand {
  const { tool, flags } = compilerOf(program.target);
  const includes = [
    ...includesOf(program.target).map((name) => join(packageRoot, 'firmware', name)),
    ...(program.includes ?? []).map((name) => join(packageRoot, name)),
  ];
  return {
    tool,
    args: [
      ...flags,
      `-ffile-prefix-map=${packageRoot}=.`,
      ...includes.map((folder) => `-I${folder}`),
      ...(program.defines ?? []),
      ...['-c', source, '-o', object],
    ],
  };
}

/** The command that links a program's objects. */
export function linkCommand(
  program: Program,
  objects: readonly string[],
  output: string,
): ToolCommand {
  const { tool, flags } = compilerOf(program.target);
  return { tool, args: [...flags, ...objects, ...(program.link ?? []), '-o', output] };
}

/** C of the table that firmware/nn/oto_models.h declares. */
export function modelTable(count: number): string {
  const symbols = Array.from({ length: count }, (_, i) => modelSymbol(i));
  return [
    '#include "oto_models.h"',
    '',
    ...symbols.map((symbol) => `extern const oto_model ${symbol};`),
    '',
    `const oto_model *const oto_models[${Math.max(1, count)}] = {${symbols.map((s) => `&${s}`).join(', ') || '0'}};`,
    `const uint32_t oto_model_count = ${count};`,
    '',
  ].join('\n');
}

function shortList(names: readonly string[]): string {
  const [first = 'nothing'] = names;
  return names.length > 1 ? `${first} and ${names.length - 1} more` : first;
}

/** Runs a task per item, as many at a time as there are processors; the first failure wins. */
async function inParallel<T>(
  items: readonly T[],
  task: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  const queue = items.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failure !== undefined) return;
      await task(item, index).catch((error: unknown) => {
        failure ??= { error };
      });
    }
  };
  // All of them end before anyone cleans up what they write to.
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failure !== undefined) throw failure.error;
}
