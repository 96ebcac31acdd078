import type { Command } from 'commander';
import type { KeyOptions } from '../boards/keys.ts';
import { explain } from '../help.ts';
import type { AddCommand } from './command.ts';
import { CONFIG_OPTION, JSON_OPTION, KEY_OPTION } from './shared-options.ts';

/** `otolith keys create|show` */
export const addKeys: AddCommand = (program) => {
  const keys = program
    .command('keys')
    .description('the key that signs firmware; boards run nothing that it has not signed');
  explain(keys, {
    notes: [
      'The file is PKCS#8 PEM, so imgtool takes it too: imgtool sign --key <file> ... Bootloaders have the public half compiled in: losing the key means reflashing boards by wire.',
    ],
    examples: ['otolith keys create', 'otolith keys show --json'],
  });
  const withOptions = (command: Command): Command =>
    command
      .option(...KEY_OPTION)
      .option(...CONFIG_OPTION)
      .option(...JSON_OPTION);
  const create = withOptions(keys.command('create'))
    .description('make a key, readable by you alone; never overwrites one')
    .action(async (options: KeyOptions) => (await import('../boards/keys.ts')).create(options));
  explain(create, { examples: ['otolith keys create', 'otolith keys create --key field.pem'] });
  const show = withOptions(keys.command('show'))
    .description(
      'print where the key is, its public half, and the hash by which images refer to it',
    )
    .action(async (options: KeyOptions) => (await import('../boards/keys.ts')).show(options));
  explain(show, { examples: ['otolith keys show', 'otolith keys show --key field.pem --json'] });
};
