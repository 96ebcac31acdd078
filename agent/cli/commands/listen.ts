import { explain } from '../help.ts';
import type { ListenOptions } from '../run/listen.ts';
import type { AddCommand } from './command.ts';
import { duration, whole } from './numbers.ts';
import { CONFIG_OPTION } from './shared-options.ts';

/** `otolith listen` */
export const addListen: AddCommand = (program) => {
  const listen = program
    .command('listen')
    .description('print the messages that a running gateway publishes')
    .argument(
      '[topic]',
      'an MQTT topic filter, with + and #, or the beginning of topics (default: all of the gateway)',
    )
    .option(
      '--port <n>',
      'of a broker on this machine (default: the broker of the configuration)',
      whole({ least: 1, most: 65_535 }),
    )
    .option('--count <n>', 'end after so many messages', whole({ least: 1 }))
    .option('--for <duration>', 'end after this long, such as 30s or 5m', duration)
    .option(...CONFIG_OPTION)
    .option('--json', 'a line of JSON per message: {"topic","retained","payload"}')
    .action(async (topic: string | undefined, options: ListenOptions) =>
      (await import('../run/listen.ts')).listen(topic, options),
    );
  explain(listen, {
    notes: [
      'States are retained, so the last of each comes at once. Messages that come faster than they are printed wait, up to 1000 of them; what is left out beyond that is counted in a line.',
    ],
    examples: [
      'otolith listen',
      'otolith listen otolith/attic/detection --count 1 --json',
      "otolith listen 'otolith/+/board/#' --port 1883 --for 1m",
    ],
  });
};
