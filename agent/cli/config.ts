import { stringify } from 'yaml';
import { loadConfig } from '../config/load.ts';
import { configReference } from '../config/reference.ts';
import { configJsonSchema } from '../config/schema.ts';
import type { AddCommand } from './command.ts';

interface ConfigOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const CONFIG_OPTION = [
  '--config <file>',
  'the configuration (default: ./otolith.yaml, else /etc/otolith/otolith.yaml, else the defaults)',
] as const;

async function check({ config, json }: ConfigOptions): Promise<void> {
  const { gateway } = await loadConfig(config);
  if (json) console.log(JSON.stringify({ ok: true, gateway: gateway.name }));
  else console.log(`the configuration is good (gateway ${gateway.name})`);
}

async function show({ config, json }: ConfigOptions): Promise<void> {
  const loaded = await loadConfig(config);
  process.stdout.write(json ? `${JSON.stringify(loaded, null, 2)}\n` : stringify(loaded));
}

/** `otolith config check|show|schema` */
export const addConfig: AddCommand = (program) => {
  const config = program
    .command('config')
    .description('check, show and explain the configuration (YAML; every key has a default)');
  config
    .command('check')
    .description('say whether the configuration is good, or what is wrong in which line')
    .option(...CONFIG_OPTION)
    .option('--json', 'for scripts')
    .action(check);
  config
    .command('show')
    .description(
      'print the configuration as the program sees it: defaults filled in, durations in ms',
    )
    .option(...CONFIG_OPTION)
    .option('--json', 'JSON instead of YAML')
    .action(show);
  config
    .command('schema')
    .description('print the JSON Schema of otolith.yaml (for editors), or the table of its keys')
    .option('--markdown', 'the table of all keys instead')
    .action(({ markdown }: { readonly markdown?: boolean }) => {
      console.log(markdown ? configReference() : JSON.stringify(configJsonSchema(), null, 2));
    });
};
