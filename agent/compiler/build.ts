import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../base/root.ts';
import type { Spawn } from '../base/tools.ts';
import { driverGroup, modelGroup } from '../build/firmware-plans.ts';
import type { BuildContext, BuildPlan } from '../build/plan.ts';
import { buildPlan, compilePlan } from '../build/run-plan.ts';
import { type Target, targetName } from '../build/target.ts';
import type { Model } from '../model/model.ts';
import { type Emitted, emitModel } from './emit.ts';
import { kernelsFor } from './targets.ts';

/** A program to build: models, the C that drives them, and how it is linked. Paths are those of a BuildPlan. */
export interface Program {
  readonly target: Target;
  readonly models: readonly Model[];
  /** C files besides the models'. */
  readonly sources: readonly string[];
  /** C files besides the models' that are made for this program. */
  readonly generated?: readonly GeneratedFile[];
  /** Folders of headers besides the kernels'. */
  readonly includes?: readonly string[];
  /** For all but the models. */
  readonly defines?: readonly string[];
  /** For the models: they are compiled as they ship but for these. */
  readonly modelDefines?: readonly string[];
  readonly link?: readonly string[];
  readonly linkScript?: string | undefined;
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

/** Symbol of the n-th model of a program; oto_models lists them in order. */
const modelSymbol = (index: number): string => `oto_model_${index}`;

const modelFile = (index: number): string => `model_${index}.c`;
const TABLE = 'models.c';

/** How a program is compiled and linked; its generated files lie in build/. */
export function planOf(program: Program): BuildPlan {
  const { target, sources, generated = [], defines = [], includes = [] } = program;
  const ours = [TABLE, ...generated.map(({ name }) => name)].map((name) => `build/${name}`);
  const models = program.models.map((_, index) => `build/${modelFile(index)}`);
  const groups = [
    modelGroup(target, models, program.modelDefines),
    driverGroup(target, { sources: [...ours, ...sources], defines, includes }),
  ];
  return { target, groups, link: program.link ?? [], linkScript: program.linkScript };
}

/**
 * Compiles models for a target and links them with a driving program. The same program gives the same bytes: no path
 * and no time enters them.
 * @throws UserError `tool-missing`, `tool-timeout`, `tool-failed`
 */
export async function buildProgram(
  program: Program,
  { output, onObject, ...options }: BuildOptions,
): Promise<readonly Emitted[]> {
  const kernels = kernelsFor(program.target);
  const emitted = program.models.map((model, i) =>
    emitModel(model, { kernels, symbol: modelSymbol(i) }),
  );
  const files = [
    ...emitted.map(({ source }, i) => ({ name: modelFile(i), text: source })),
    { name: TABLE, text: modelTable(program.models.length) },
    ...(program.generated ?? []),
  ];
  await inBuildFolder(files, async (context) => {
    const task = taskOf(program.models, program.target);
    const objects = await buildPlan(planOf(program), context, { ...options, task, output });
    if (onObject === undefined) return;
    for (const i of emitted.keys()) onObject(i, await readFile(objects[i] ?? ''));
  });
  return emitted;
}

/**
 * Compiles one model to an object file that defines `oto_model_instance`.
 * @throws UserError `tool-missing`, `tool-timeout`, `tool-failed`
 */
export async function compileObject(
  model: Model,
  target: Target,
  options: Pick<BuildOptions, 'signal' | 'spawn'> = {},
): Promise<Uint8Array> {
  const { source } = emitModel(model, { kernels: kernelsFor(target) });
  const plan = { target, groups: [modelGroup(target, ['build/model.c'])], link: [] };
  return inBuildFolder([{ name: 'model.c', text: source }], async (context) => {
    const task = taskOf([model], target);
    const [object = ''] = await compilePlan(plan, context, { ...options, task });
    return readFile(object);
  });
}

/** Uses a folder that holds these files and goes again. */
async function inBuildFolder<T>(
  files: readonly GeneratedFile[],
  use: (context: BuildContext) => Promise<T>,
): Promise<T> {
  const out = await mkdtemp(join(tmpdir(), 'otolith-build-'));
  try {
    await Promise.all(files.map(({ name, text }) => writeFile(join(out, name), text)));
    // Nothing third-party enters programs around models.
    return await use({ root: packageRoot, thirdParty: join(out, 'third-party'), out });
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function taskOf(models: readonly Model[], target: Target): string {
  return `${shortList(models.map(({ metadata }) => metadata.name))} for ${targetName(target)}`;
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
