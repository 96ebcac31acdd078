import type { ConfigOptions } from '../config.ts';
import type { SchemaOptions } from '../config-schema.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { CONFIG_OPTION, JSON_OPTION } from './shared-options.ts';

/** `otolith config check|show|schema` */
export const addConfig: AddCommand = (program) => {
  const config = program
    .command('config')
    .description('check, show and explain the configuration (YAML; every key has a default)');
  explain(config, {
    examples: ['otolith config check', 'otolith config show', 'otolith config schema --markdown'],
  });
  const check = config
    .command('check')
    .description('say whether the configuration is good, or what is wrong in which line')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(async (options: ConfigOptions) => (await import('../config.ts')).check(options));
  explain(check, {
    examples: ['otolith config check', 'otolith config check --config otolith.yaml --json'],
  });
  const show = config
    .command('show')
    .description(
      'print the configuration as the program sees it: defaults filled in, durations in ms',
    )
    .option(...CONFIG_OPTION)
    .option('--json', 'JSON instead of YAML')
    .action(async (options: ConfigOptions) => (await import('../config.ts')).show(options));
  explain(show, { examples: ['otolith config show', 'otolith config show --json'] });
  const schema = config
    .command('schema')
    .description('print the JSON Schema of otolith.yaml (for editors), or the table of its keys')
    .option('--markdown', 'the table of all keys instead')
    .action(async (options: SchemaOptions) =>
      (await import('../config-schema.ts')).printSchema(options),
    );
  explain(schema, {
    examples: [
      'otolith config schema > otolith.schema.json',
      'otolith config schema --markdown     # the table of all keys',
    ],
  });
};
