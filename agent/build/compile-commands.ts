import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, packageRoot } from '../base/root.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { boardDefines } from './board-defines.ts';
import {
  applicationPlan,
  boardParts,
  boardTarget,
  bootloaderPlan,
  driverGroup,
  FIRMWARE_SOURCES,
} from './firmware-plans.ts';
import { hostPlan } from './host-plan.ts';
import { type BuildContext, type BuildPlan, compileSteps, pathOf } from './plan.ts';
import { findThirdParty } from './third-party.ts';

/** An entry of compile_commands.json (clang.llvm.org/docs/JSONCompilationDatabase.html). */
export interface CompileCommand {
  readonly directory: string;
  readonly file: string;
  readonly arguments: readonly string[];
  readonly output: string;
}

/** The commands that compile otolith's own files of some plans, each file once. */
export function compileCommands(
  plans: readonly BuildPlan[],
  context: BuildContext,
): readonly CompileCommand[] {
  const commands = new Map<string, CompileCommand>();
  for (const { source, object, origin, command } of plans.flatMap((p) =>
    compileSteps(p, context),
  )) {
    const file = pathOf(context, source);
    if (origin !== 'ours' || commands.has(file)) continue;
    const words = [command.tool, ...command.args];
    commands.set(file, { directory: context.out, file, arguments: words, output: object });
  }
  return [...commands.values()];
}

/** What C of ours is compiled for: `host` (under sanitizers), `wasm`, or a board. */
export function plansFor(target: string): readonly BuildPlan[] {
  const bench = sourcesIn('firmware/bench');
  if (target === 'wasm') {
    const sources = sourcesIn('firmware/wasm');
    const wasm = { kind: 'wasm' } as const;
    return [{ target: wasm, groups: [driverGroup(wasm, { sources })], link: [] }];
  }
  if (target === 'host') {
    const { app, boot, smp, storage } = FIRMWARE_SOURCES;
    const includes = ['boards', 'boot', 'smp', 'app', 'nn'].map((name) => `firmware/${name}`);
    const defines = boardDefines(readBoardFile(packageRoot, 'cortex-m4'));
    return [hostPlan({ sources: [...app, ...boot, ...smp, ...storage], includes, defines })];
  }
  const board = readBoardFile(packageRoot, target);
  const parts = boardParts(board);
  const includes = [...parts.includes, 'firmware/bench'];
  const sources = [...bench, ...parts.sources];
  const group = driverGroup(boardTarget(board), { sources, includes, defines: parts.defines });
  const rom = { target: boardTarget(board), groups: [group], link: [] };
  return [applicationPlan(board), bootloaderPlan(board, new Uint8Array(32)), rom];
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(packageRoot, folder))
    .filter((name) => name.endsWith('.c'))
    .map((name) => `${folder}/${name}`);
}

/** Writes build/compile_commands.json and returns its path. */
export async function writeCompileCommands(target: string): Promise<string> {
  const out = join(packageRoot, 'build');
  const context = { root: packageRoot, thirdParty: findThirdParty(cacheFolder()), out };
  const path = join(out, 'compile_commands.json');
  await mkdir(out, { recursive: true });
  await writeFile(path, `${JSON.stringify(compileCommands(plansFor(target), context), null, 1)}\n`);
  return path;
}
