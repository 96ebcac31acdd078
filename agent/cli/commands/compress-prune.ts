import type { Command } from 'commander';
import { PRUNINGS } from '../../lab/prune/prunings.ts';
import { explain, type HelpText } from '../help.ts';
import type { PruneFlags } from '../train/compress-prune.ts';
import { real, whole } from './numbers.ts';

const HELP: HelpText = {
  notes: [
    "Removes whole channels (of an LSTM units), a few at a time with fine-tuning between, until the target is met; writes a smaller dense network per fold. Methods: l0 (how many of its weights are among the largest 5 %), l2 (norm of the filter), taylor (|output x gradient|), hybrid (95 % of weights zeroed by magnitude, then taylor: the paper's way). Train it further afterwards.",
  ],
  examples: [
    'otolith compress prune runs/acdnet --data esc10 --method hybrid --target channels=20% --out runs/pruned',
    'otolith compress prune runs/acdnet --data esc10 --target layers=7,20,10,14,22,31,35,41,51,67,69,48 --out runs/pruned',
    'otolith train --data esc10 --start runs/pruned --folds 1,2,3,4,all --jobs 2 --out runs/micro',
    'otolith compress quantize runs/micro --data esc10 --name qmicro',
  ],
};

/** `otolith compress prune` */
export function addPrune(compress: Command): void {
  const prune = compress
    .command('prune')
    .description('remove channels: float network -> smaller float network')
    .argument('<runs>', 'folder that otolith train wrote')
    .requiredOption('--data <dir>', 'the data set it was trained on')
    .requiredOption('--out <dir>', 'folder of the pruned networks')
    .requiredOption(
      '--target <what>',
      'channels=20%, parameters=130k, macs=14.3M, bytes=128.5k, or layers=<channels of each>',
    )
    .option('--method <how>', PRUNINGS.join(', '), 'hybrid')
    .option('--name <name>', 'name of the pruned network', 'pruned-acdnet')
    .option('--per-round <n>', 'channels removed in each round', whole({ least: 1 }), 8)
    .option('--tune-epochs <n>', 'epochs of fine-tuning after each round', whole(), 1)
    .option('--learning-rate <x>', 'of the fine-tuning', real({ above: 0 }), 0.01)
    .action(async (runs: string, flags: PruneFlags) =>
      (await import('../train/compress-prune.ts')).pruneRuns(runs, flags),
    );
  explain(prune, HELP);
}
