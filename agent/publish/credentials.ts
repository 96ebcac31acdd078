import { readFile } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';
import { reasonOf, UserError } from '../errors.ts';
import type { LinkOptions } from './link.ts';

type Secrets = Pick<LinkOptions, 'username' | 'password' | 'ca' | 'cert' | 'key' | 'verify'>;

async function read(path: string, key: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UserError('config', `${key} is ${path}, which cannot be read (${reasonOf(cause)})`, {
      mend: 'name a file that this user may read',
      cause,
    });
  }
}

async function password(mqtt: Config['mqtt']): Promise<string | undefined> {
  if (mqtt.passwordFile !== undefined) {
    const text = (await read(mqtt.passwordFile, 'mqtt.passwordFile')).toString('utf8');
    return text.split(/\r?\n/)[0] ?? '';
  }
  if (mqtt.passwordEnv === undefined) return undefined;
  const value = process.env[mqtt.passwordEnv];
  if (value !== undefined) return value;
  throw new UserError('config', `mqtt.passwordEnv is ${mqtt.passwordEnv}, which is not set`, {
    mend: 'set that environment variable, or use mqtt.passwordFile',
  });
}

/** Reads what the connection needs from the files and variables that the configuration names. */
export async function loadSecrets(mqtt: Config['mqtt']): Promise<Secrets> {
  const { tls, username } = mqtt;
  const secret = await password(mqtt);
  return {
    verify: tls.verify,
    ...(username === undefined ? {} : { username }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(tls.ca === undefined ? {} : { ca: await read(tls.ca, 'mqtt.tls.ca') }),
    ...(tls.cert === undefined ? {} : { cert: await read(tls.cert, 'mqtt.tls.cert') }),
    ...(tls.key === undefined ? {} : { key: await read(tls.key, 'mqtt.tls.key') }),
  };
}
