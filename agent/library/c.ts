import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { readBoardFile } from '../boards/board-file.ts';
import { boardIds } from '../boards/board-ids.ts';
import { boardTarget } from '../build/firmware-plans.ts';
import { emitModel } from '../compiler/emit.ts';
import type { ExportTarget } from '../compiler/export/context.ts';
import { exportFiles } from '../compiler/export/export.ts';
import { writeExport } from '../compiler/export/write.ts';
import { kernelsFor } from '../compiler/targets.ts';
import type { Model } from '../model/model.ts';

/**
 * The C source of a model, as text; it includes `oto_nn.h`. `target` is `portable` (any compiler) or a board, such as
 * `cortex-m4`. Needs no compiler.
 * @throws UserError `target` for an unknown target
 */
export function generateC(model: Model, target: string): string {
  return emitModel(model, { kernels: kernelsFor(targetOf(target)) }).source;
}

/**
 * Writes the C of a model with every header that it includes, a Makefile and a test of known scores into a folder, as
 * `otolith compile --export` does.
 * @throws UserError `export` where files that no export wrote are in the way
 */
export async function exportC(model: Model, target: string, folder: string): Promise<void> {
  await writeExport(folder, exportFiles(model, targetOf(target)));
}

function targetOf(name: string): ExportTarget {
  if (name === 'portable') return { kind: 'portable' };
  const boards = boardIds(packageRoot);
  if (boards.includes(name)) return boardTarget(readBoardFile(packageRoot, name));
  throw new UserError('target', `there is no target "${name}"`, {
    hint: `targets are: portable, ${boards.join(', ')}`,
  });
}
