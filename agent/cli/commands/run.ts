import { explain } from '../help.ts';
import type { RunOptions } from '../run/run.ts';
import type { AddCommand } from './command.ts';
import { duration } from './numbers.ts';

/** `otolith run` */
export const addRun: AddCommand = (program) => {
  const run = program
    .command('run')
    .description(
      'run the gateway: microphone or clips -> networks -> boards -> MQTT.\n' +
        'SIGTERM or Ctrl-C sends the messages that wait, and stops; SIGHUP reads the configuration again.',
    )
    .option('--config <file>', 'the configuration (see `otolith config schema --markdown`)')
    .option('--for <duration>', 'stop after listening for this long, such as 30s or 5m', duration)
    .option(
      '--demo',
      'needs no configuration: an emulated board, and clips where there is no microphone',
    )
    .option(
      '--json',
      'lines of JSON: {"topic","payload"} of each message as it is published, {"at","log"}, at last {"summary"}',
    )
    .action(async (options: RunOptions) => (await import('../run/run.ts')).run(options));
  explain(run, {
    examples: [
      'otolith run --demo --for 1m         # no configuration, board or microphone needed',
      'otolith run --config otolith.yaml',
      'otolith run --demo --for 30s --json',
    ],
  });
};
