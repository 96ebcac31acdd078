import { packageRoot } from '../../base/root.ts';
import { type BenchRun, benchModel } from '../../bench/bench.ts';
import { benchTable } from '../../bench/bench-table.ts';
import { type BoardFile, readBoardFile } from '../../boards/board-file.ts';
import { boardIds } from '../../boards/board-ids.ts';
import type { Model } from '../../model/model.ts';
import { withProgress } from '../progress.ts';
import { interruption, modelOf } from './board-context.ts';

export interface BenchFlags {
  readonly board: string;
  readonly json?: boolean;
}

/** `otolith bench` */
export async function bench(names: readonly string[], flags: BenchFlags): Promise<void> {
  const ids = flags.board === 'all' ? emulatedBoards() : [flags.board];
  const boards = ids.map((id) => readBoardFile(packageRoot, id));
  const models = await Promise.all(names.map(modelOf));
  const runs = await runAll(models, boards);
  console.log(flags.json ? JSON.stringify({ runs }) : benchTable(runs));
}

function emulatedBoards(): readonly string[] {
  return boardIds(packageRoot).filter((id) => readBoardFile(packageRoot, id).emulated !== null);
}

async function runAll(
  models: readonly Model[],
  boards: readonly BoardFile[],
): Promise<readonly BenchRun[]> {
  const signal = interruption();
  const jobs = boards.flatMap((board) => models.map((model) => ({ board, model })));
  return withProgress(jobs.length, async (step) => {
    const runs: BenchRun[] = [];
    for (const { board, model } of jobs) {
      step(`${model.metadata.name} on ${board.id}`);
      runs.push(await benchModel(model, board, { signal }));
    }
    return runs;
  });
}
