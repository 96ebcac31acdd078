import type { ConsoleOptions } from '../console.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { whole } from './numbers.ts';
import { CONFIG_OPTION, framingOption, KEY_OPTION } from './shared-options.ts';

/** `otolith console <board>` */
export const addConsole: AddCommand = (program) => {
  const console = program
    .command('console')
    .argument('<board>', 'emulated:cortex-m4, serial:NUMBER, /dev/serial/by-id/NAME or a port')
    .description('watch what a board prints and ask it things by hand, one command a line')
    .option(
      '--baud <n>',
      'speed of a real serial port (default 115200)',
      whole({ least: 300, most: 12_000_000 }),
    )
    .addOption(framingOption())
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .action(async (board: string, options: ConsoleOptions) =>
      (await import('../console.ts')).openConsole(board, options),
    );
  explain(console, {
    examples: [
      'otolith console emulated:cortex-m4',
      'echo info | otolith console emulated:cortex-m4',
      'otolith console serial:NUMBER --baud 921600',
    ],
  });
};
