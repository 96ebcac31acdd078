import type { PushCommandOptions } from '../boards/push.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { whole } from './numbers.ts';
import { baudOption, CONFIG_OPTION, framingOption, KEY_OPTION } from './shared-options.ts';

/** `otolith push <model> --board <id|all>` */
export const addPush: AddCommand = (program) => {
  const push = program
    .command('push')
    .argument(
      '<model>',
      'a deployed model: its file or its name in the zoo (with --image: an image file)',
    )
    .description(
      'compile a network for a board, sign it, upload it, test it there, and only then confirm it',
    )
    .requiredOption(
      '--board <id|all>',
      'emulated:cortex-m4, serial:NUMBER, /dev/serial/by-id/NAME, or all of the configuration',
    )
    .option('--dry-run', 'compile and sign only')
    .option('--image', 'push an MCUboot image file as it is, also to boards of other makers')
    .option('--release <version>', "version of the image, e.g. 1.2.3 (default: otolith's own)")
    .option(
      '--counter <n>',
      'security counter (default: what the board has; older images are refused once it grew)',
      whole({ most: 4_294_967_295 }),
    )
    .addOption(baudOption())
    .addOption(framingOption())
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'one line of JSON per board')
    .action(async (what: string, options: PushCommandOptions) =>
      (await import('../boards/push.ts')).push(what, options),
    );
  explain(push, {
    notes: [
      'The new firmware boots on trial. It is confirmed when it has computed two known windows and every integer was right; otherwise the board goes back to what it ran before, and the command says why. An image file (--image) is confirmed once it runs and answers: there is nothing to test it by. An interrupted upload goes on where it stopped when the command is run again.',
    ],
    examples: [
      'otolith push qmicro-acdnet-esc10 --board emulated:cortex-m4',
      'otolith push mine.safetensors --board all --json',
      'otolith push other.signed.bin --image --board serial:NUMBER --framing raw',
    ],
  });
};
