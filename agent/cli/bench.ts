import { Option } from 'commander';
import { type BenchRun, benchModel } from '../boards/bench.ts';
import { benchTable } from '../boards/bench-table.ts';
import { type BoardFile, boardIds, readBoardFile } from '../boards/board-file.ts';
import type { Model } from '../model/model.ts';
import { packageRoot } from '../root.ts';
import { interruption, modelOf } from './board-site.ts';
import type { AddCommand } from './command.ts';
import { withProgress } from './progress.ts';

interface BenchFlags {
  readonly board: string;
  readonly json?: boolean;
}

const HELP = `
Compiles each model for each board, runs it on one window under QEMU and counts every instruction exactly
(-icount shift=0); the same models always give the same numbers. Emulated boards have no cycles: an instruction
is not a nanosecond of silicon. MACs are those of the network, real and binary alike; RAM is the arena and the
most stack that was used; flash is the model's code and constants.

  otolith bench qmicro-acdnet-esc10 xnor-esc10
  otolith net new micro-acdnet --random 1 -o qmicro.safetensors
  otolith net new micro-acdnet --xnor paper --random 1 -o xmicro.safetensors
  otolith bench qmicro.safetensors xmicro.safetensors --board cortex-m4`;

async function bench(names: readonly string[], flags: BenchFlags): Promise<void> {
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

/** `otolith bench <model>...` */
export const addBench: AddCommand = (program) => {
  program
    .command('bench')
    .description('count instructions, flash and RAM of models on emulated boards, side by side')
    .argument('<model...>', 'deployed models: their files or their names in the zoo')
    .addOption(
      new Option('--board <id>', `one of ${boardIds(packageRoot).join(', ')}, or all`).default(
        'all',
      ),
    )
    .option('--json', 'one JSON object for scripts')
    .addHelpText('after', HELP)
    .action(bench);
};
