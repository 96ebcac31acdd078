import { writeFile } from 'node:fs/promises';
import { arenaFor } from '../boards/bench.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { boardIds } from '../boards/board-ids.ts';
import { compileObject } from '../compiler/build.ts';
import { buildWasm } from '../compiler/build-wasm.ts';
import { emitModel } from '../compiler/emit.ts';
import { compileReport, compileTable } from '../compiler/table.ts';
import { coreOf, kernelsFor, type Target } from '../compiler/targets.ts';
import { reasonOf, UserError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { packageRoot } from '../root.ts';
import { interruption, modelOf } from './board-site.ts';

export interface CompileFlags {
  readonly board?: string;
  readonly wasm?: boolean;
  readonly output?: string;
  readonly source?: string;
  readonly json?: boolean;
}

/** `otolith compile` */
export async function compile(name: string, flags: CompileFlags): Promise<void> {
  if ((flags.board === undefined) === (flags.wasm === undefined)) {
    throw new UserError('target', 'one target is needed', {
      mend: `give --wasm, or --board with one of ${boardIds(packageRoot).join(', ')}`,
    });
  }
  const model = await modelOf(name);
  const target = targetOf(model, flags.board);
  const emitted = emitModel(model, { kernels: kernelsFor(target) });
  const options = { signal: interruption() };
  const binary =
    target.kind === 'wasm'
      ? await buildWasm([model], options)
      : await compileObject(model, target, options);
  if (flags.source !== undefined) await write(flags.source, emitted.source);
  if (flags.output !== undefined) await write(flags.output, binary);
  const report = compileReport(model, flags.board ?? 'wasm', emitted);
  console.log(flags.json ? JSON.stringify(report) : compileTable(report));
}

function targetOf(model: Model, board: string | undefined): Target {
  if (board === undefined) return { kind: 'wasm' };
  const file = readBoardFile(packageRoot, board);
  arenaFor(model, file);
  return { kind: 'board', core: coreOf(file.core), flags: file.flags };
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (cause) {
    throw new UserError('output', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}
