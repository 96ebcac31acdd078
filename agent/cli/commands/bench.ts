import { Option } from 'commander';
import { packageRoot } from '../../base/root.ts';
import { boardIds } from '../../boards/board-ids.ts';
import type { BenchFlags } from '../boards/bench.ts';
import { explain, type HelpText } from '../help.ts';
import type { AddCommand } from './command.ts';
import { JSON_OPTION } from './shared-options.ts';

const HELP: HelpText = {
  notes: [
    "Compiles each model for each board, runs it on one window under QEMU and counts every instruction exactly (-icount shift=0); the same models always give the same numbers. Emulated boards have no cycles, so no time on silicon follows from that. MACs are those of the network, real and binary alike; RAM is the arena and the most stack that was used; flash is the model's code and constants.",
  ],
  examples: [
    'otolith bench qmicro-acdnet-esc10 xnor-esc10',
    'otolith net new micro-acdnet --xnor paper --random 1 -o xmicro.safetensors',
    'otolith bench xmicro.safetensors --board cortex-m4 --json',
  ],
};

/** `otolith bench <model>...` */
export const addBench: AddCommand = (program) => {
  const bench = program
    .command('bench')
    .description('count instructions, flash and RAM of models on emulated boards, side by side')
    .argument('<model...>', 'deployed models: their files or their names in the zoo')
    .addOption(
      new Option('--board <id>', `one of ${boardIds(packageRoot).join(', ')}, or all`).default(
        'all',
      ),
    )
    .option(...JSON_OPTION)
    .action(async (models: readonly string[], flags: BenchFlags) =>
      (await import('../boards/bench.ts')).bench(models, flags),
    );
  explain(bench, HELP);
};
