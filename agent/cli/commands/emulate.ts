import type { EmulateOptions } from '../boards/emulate.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { CONFIG_OPTION, KEY_OPTION } from './shared-options.ts';

/** `otolith emulate <board>` */
export const addEmulate: AddCommand = (program) => {
  const emulate = program
    .command('emulate')
    .argument(
      '<board>',
      'cortex-m4, cortex-m7, cortex-m33 or cortex-m55; cortex-m4@NAME is a further one',
    )
    .description('run an emulated board until Ctrl-C; anything that speaks SMP may open its port')
    .option(
      '--flash <file>',
      'file that holds its flash across power cuts (default: under the state folder, by name)',
    )
    .option('--empty', 'leave a new flash erased: the board then waits in serial recovery')
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'first line: {"id","board","port","pid","begun","flash"}')
    .action(async (board: string, options: EmulateOptions) =>
      (await import('../boards/emulate.ts')).emulate(board, options),
    );
  explain(emulate, {
    examples: [
      'otolith emulate cortex-m4 &',
      'otolith emulate cortex-m55@kitchen --json',
      'smpmgr --port /dev/pts/3 image state-read     # whatever speaks SMP may ask it',
    ],
  });
};
