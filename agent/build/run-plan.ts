import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from '../base/folder.ts';
import type { Spawn } from '../base/tools.ts';
import { writeWhole } from '../base/write-whole.ts';
import { runConfined } from './confine.ts';
import {
  type BuildContext,
  type BuildPlan,
  type CompileStep,
  compileSteps,
  linkCommand,
  NAMED_CONTEXT,
} from './plan.ts';
import { runTool } from './toolchain.ts';

export interface RunOptions {
  /** What is compiled, for messages: "micro for cortex-m4". */
  readonly task: string;
  /** Where objects of third-party C are cached: they are the same in every build of a board. */
  readonly objectCache?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly spawn?: Spawn | undefined;
}

/**
 * Compiles the files of a plan, as many at a time as there are processors; generated C sees its inputs alone.
 * @returns paths of the objects, in the order of the plan's sources
 * @throws UserError `tool-missing`, `tool-timeout`, `tool-failed`
 */
export async function compilePlan(
  plan: BuildPlan,
  context: BuildContext,
  options: RunOptions,
): Promise<readonly string[]> {
  const steps = compileSteps(plan, context);
  // The same commands in names that are the same on every machine.
  const named = compileSteps(plan, NAMED_CONTEXT);
  const how = { ...options, task: `compiling ${options.task}`, cwd: context.out };
  await inParallel(steps, async (step, index) => {
    if (step.origin === 'generated') {
      const read = [join(context.root, 'firmware')];
      await runConfined(step.command, { ...how, read });
    } else if (step.origin === 'third-party' && options.objectCache !== undefined) {
      const path = join(options.objectCache, `${digestOf(named[index])}.o`);
      await cached(path, step.object, () => runTool(step.command, how));
    } else {
      await runTool(step.command, how);
    }
  });
  return steps.map(({ object }) => object);
}

/** Compiles and links a plan; the same plan gives the same bytes. @throws as compilePlan */
export async function buildPlan(
  plan: BuildPlan,
  context: BuildContext,
  options: RunOptions & { readonly output: string },
): Promise<readonly string[]> {
  const objects = await compilePlan(plan, context, options);
  const link = linkCommand(plan, objects, context, options.output);
  await runTool(link, { ...options, task: `linking ${options.task}`, cwd: context.out });
  return objects;
}

function digestOf(step: CompileStep | undefined): string {
  if (step === undefined) throw new Error('a plan has the same steps in every context');
  const { tool, args } = step.command;
  // Its place in the plan, which names the object, is no part of it.
  const words = [tool, ...args.filter((word) => word !== step.object)];
  return createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 24);
}

/** Copies what is cached, or makes it and caches a copy by way of a rename: no other process sees half a file. */
async function cached(path: string, output: string, make: () => Promise<unknown>): Promise<void> {
  if (existsSync(path)) {
    await copyFile(path, output);
    return;
  }
  await make();
  await makeFolder(dirname(path));
  await writeWhole(path, await readFile(output));
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
