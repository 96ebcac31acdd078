import { toHex } from '../../../protocol/bytes.ts';
import { loadConfig } from '../../config/load.ts';
import { createKey, defaultKeyPath, readKey, type SigningKey } from '../../firmware/keys.ts';
import type { ContextOptions } from './board-context.ts';

export interface KeyOptions extends ContextOptions {
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

/** `otolith keys create` */
export async function create(options: KeyOptions): Promise<void> {
  print(await createKey(await pathOf(options)), options);
}

/** `otolith keys show` */
export async function show(options: KeyOptions): Promise<void> {
  print(await readKey(await pathOf(options)), options);
}
