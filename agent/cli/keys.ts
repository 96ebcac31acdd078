import { toHex } from '../../protocol/bytes.ts';
import { createKey, defaultKeyPath, readKey, type SigningKey } from '../boards/keys.ts';
import { loadConfig } from '../config/load.ts';
import { CONFIG_OPTION, KEY_OPTION, type SiteOptions } from './board-site.ts';
import type { AddCommand } from './command.ts';

interface KeyOptions extends SiteOptions {
  readonly json?: boolean;
}

async function pathOf({ key, config }: KeyOptions): Promise<string> {
  return key ?? defaultKeyPath((await loadConfig(config)).gateway.stateDir);
}

function print(key: SigningKey, { json }: KeyOptions): void {
  const facts = {
    path: key.path,
    type: 'ed25519',
    public: toHex(key.publicKey),
    hash: toHex(key.keyHash),
  };
  if (json) console.log(JSON.stringify(facts));
  else for (const [name, value] of Object.entries(facts)) console.log(`${name.padEnd(7)} ${value}`);
}

/** `otolith keys create|show` */
export const addKeys: AddCommand = (program) => {
  const keys = program
    .command('keys')
    .description('the key that signs firmware; boards run nothing that it has not signed')
    .addHelpText(
      'after',
      '\nThe file is PKCS#8 PEM, so imgtool takes it too: imgtool sign --key <file> ...\n' +
        'Bootloaders have the public half compiled in: losing the key means reflashing boards by wire.',
    );
  keys
    .command('create')
    .description('make a key, readable by you alone; never overwrites one')
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'for scripts')
    .action(async (options: KeyOptions) => print(await createKey(await pathOf(options)), options));
  keys
    .command('show')
    .description('print where the key is, its public half and the hash that images name it by')
    .option(...KEY_OPTION)
    .option(...CONFIG_OPTION)
    .option('--json', 'for scripts')
    .action(async (options: KeyOptions) => print(await readKey(await pathOf(options)), options));
};
