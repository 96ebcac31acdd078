import { writeFile } from 'node:fs/promises';
import { reasonOf, UserError } from '../../base/errors.ts';
import { packageRoot } from '../../base/root.ts';
import { arenaFor } from '../../bench/bench.ts';
import { readBoardFile } from '../../boards/board-file.ts';
import { boardIds } from '../../boards/board-ids.ts';
import { CORES } from '../../boards/cores.ts';
import { boardTarget } from '../../build/firmware-plans.ts';
import { type Target, targetName } from '../../build/target.ts';
import { compileObject } from '../../compiler/build.ts';
import { buildWasm } from '../../compiler/build-wasm.ts';
import { emitModel } from '../../compiler/emit.ts';
import { exportFiles } from '../../compiler/export/export.ts';
import { writeExport } from '../../compiler/export/write.ts';
import { compileReport, compileTable } from '../../compiler/table.ts';
import { kernelsFor } from '../../compiler/targets.ts';
import type { Model } from '../../model/model.ts';
import { interruption, modelOf } from '../boards/board-context.ts';

export interface CompileFlags {
  readonly board?: string;
  readonly wasm?: boolean;
  readonly target?: string;
  readonly output?: string;
  readonly source?: string;
  readonly export?: string;
  readonly json?: boolean;
}

type CompileTarget = Exclude<Target, { kind: 'host' }>;

/** `otolith compile` */
export async function compile(name: string, flags: CompileFlags): Promise<void> {
  const chosen = [flags.board, flags.wasm, flags.target].filter((flag) => flag !== undefined);
  if (chosen.length !== 1) {
    throw new UserError('target', 'one target is needed', {
      hint: `give --wasm, --target portable, or --board with one of ${boardIds(packageRoot).join(', ')}`,
    });
  }
  const model = await modelOf(name);
  const target = targetOf(model, flags);
  const emitted = emitModel(model, { kernels: kernelsFor(target) });
  const isOnlyText = flags.source !== undefined || flags.export !== undefined;
  if (flags.output !== undefined || !(isOnlyText || target.kind === 'portable')) {
    const binary = await binaryOf(model, target);
    if (flags.output !== undefined) await write(flags.output, binary);
  }
  if (flags.source !== undefined) await write(flags.source, emitted.source);
  if (flags.export !== undefined) await exportTo(flags.export, model, target, flags.json === true);
  const report = compileReport(model, flags.board ?? targetName(target), emitted);
  console.log(flags.json ? JSON.stringify(report) : compileTable(report));
}

function targetOf(model: Model, { board, target }: CompileFlags): CompileTarget {
  if (board !== undefined) {
    const file = readBoardFile(packageRoot, board);
    arenaFor(model, file);
    return boardTarget(file);
  }
  if (target === undefined || target === 'wasm') return { kind: 'wasm' };
  if (target === 'portable') return { kind: 'portable' };
  const known = CORES.find((core) => core === target);
  const boards = boardIds(packageRoot).map((id) => readBoardFile(packageRoot, id));
  const file = boards.find(({ core }) => core === known);
  if (known === undefined || file === undefined) {
    throw new UserError('target', `there is no target "${target}"`, {
      hint: `targets are: portable, wasm, ${CORES.join(', ')}`,
    });
  }
  return { kind: 'board', core: known, flags: file.flags };
}

function binaryOf(model: Model, target: CompileTarget): Promise<Uint8Array> {
  const options = { signal: interruption() };
  if (target.kind === 'wasm') return buildWasm([model], options);
  return compileObject(model, target, options);
}

async function exportTo(
  folder: string,
  model: Model,
  target: CompileTarget,
  isQuiet: boolean,
): Promise<void> {
  if (target.kind === 'wasm') {
    throw new UserError('export', 'there is nothing to export for wasm, whose module is one file', {
      hint: 'give -o model.wasm; or --target portable for C that compiles to WebAssembly too',
    });
  }
  const files = exportFiles(model, target);
  await writeExport(folder, files);
  if (isQuiet) return;
  const next = target.kind === 'portable' ? `make -C ${folder} test` : `make -C ${folder}`;
  console.log(`${folder}: ${files.length} files; README.md says how to build and test: ${next}`);
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (cause) {
    throw new UserError('output', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}
