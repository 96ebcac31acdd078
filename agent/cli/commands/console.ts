import type { ConsoleOptions } from '../boards/console.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { baudOption, CONFIG_OPTION, framingOption, KEY_OPTION } from './shared-options.ts';

/** `otolith console <board>` */
export const addConsole: AddCommand = (program) => {
  const console = program
    .command('console')
    .argument('<board>', 'emulated:cortex-m4, serial:NUMBER, /dev/serial/by-id/NAME or a port')
    .description('watch what a board prints and ask it things by hand, one command a line')
    .addOption(baudOption())
    .addOption(framingOption())
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .action(async (board: string, options: ConsoleOptions) =>
      (await import('../boards/console.ts')).openConsole(board, options),
    );
  explain(console, {
    examples: [
      'otolith console emulated:cortex-m4',
      'echo info | otolith console emulated:cortex-m4',
      'otolith console serial:NUMBER --baud 921600',
    ],
  });
};
