import type { BoardsOptions } from '../boards/boards.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { baudOption, CONFIG_OPTION, framingOption, KEY_OPTION } from './shared-options.ts';

/** `otolith boards` */
export const addBoards: AddCommand = (program) => {
  const boards = program
    .command('boards')
    .description('list serial ports that may have a board, by lasting names, and running emulators')
    .option(
      '--probe [port]',
      'ask each who it is, or just this one (opens the port; some boards reset when that happens)',
    )
    .addOption(baudOption('speed of the ports that are asked (default 115200)'))
    .addOption(framingOption())
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'one JSON array for scripts')
    .action(async (options: BoardsOptions) =>
      (await import('../boards/boards.ts')).listBoards(options),
    );
  explain(boards, {
    examples: [
      'otolith boards',
      'otolith boards --probe           # who answers, and what it runs',
      'otolith boards --probe /dev/ttyS0 --json',
    ],
  });
};
