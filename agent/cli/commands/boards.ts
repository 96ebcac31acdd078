import type { BoardsOptions } from '../boards.ts';
import type { AddCommand } from './command.ts';
import { CONFIG_OPTION, KEY_OPTION } from './shared-options.ts';

/** `otolith boards` */
export const addBoards: AddCommand = (program) => {
  program
    .command('boards')
    .description(
      'list serial ports that boards may be at, by names that stay, and running emulators',
    )
    .option('--probe', 'ask each who it is (opens the port; some boards reset when that happens)')
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'for scripts')
    .action(async (options: BoardsOptions) => (await import('../boards.ts')).listBoards(options));
};
