import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { reasonOf, UserError } from '../base/errors.ts';
import type { Problem } from '../config/explain.ts';
import type { Config } from '../config/schema.ts';
import type { ConnectionOptions } from './mqtt-connection.ts';

type Secrets = Pick<ConnectionOptions, 'username' | 'password' | 'ca' | 'cert' | 'key' | 'verify'>;

async function read(path: string, key: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UserError('config', `${key} is ${path}, which cannot be read (${reasonOf(cause)})`, {
      hint: 'name a file that this user may read',
      cause,
    });
  }
}

/** MQTT counts the bytes of a password in 16 bits. */
const LONGEST_PASSWORD = 65_535;

function checkPassword(text: string, from: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > 0 && bytes <= LONGEST_PASSWORD) return text;
  const what = bytes === 0 ? 'an empty password' : `a password of ${bytes} bytes`;
  throw new UserError('config', `${from} gives ${what}`, {
    hint: 'put the password there, or leave the key out',
  });
}

async function password(mqtt: Config['mqtt']): Promise<string | undefined> {
  if (mqtt.passwordFile !== undefined) {
    const text = (await read(mqtt.passwordFile, 'mqtt.passwordFile')).toString('utf8');
    const from = `mqtt.passwordFile is ${mqtt.passwordFile}, whose first line`;
    return checkPassword(text.split(/\r?\n/)[0] ?? '', from);
  }
  if (mqtt.passwordEnv === undefined) return undefined;
  const value = process.env[mqtt.passwordEnv];
  const from = `mqtt.passwordEnv is ${mqtt.passwordEnv}, which`;
  if (value !== undefined) return checkPassword(value, from);
  throw new UserError('config', `${from} is not set`, {
    hint: 'set that environment variable, or use mqtt.passwordFile',
  });
}

/** Reads a PEM file with what makes an object of it. */
async function pem<T>(
  path: string,
  key: string,
  what: string,
  make: (bytes: Buffer) => T,
): Promise<T> {
  const bytes = await read(path, key);
  try {
    if (!bytes.includes('-----BEGIN ')) throw new Error('it has no -----BEGIN line');
    return make(bytes);
  } catch (cause) {
    throw new UserError('config', `${key} is ${path}, which is not ${what} (${reasonOf(cause)})`, {
      hint: 'name a PEM file',
      cause,
    });
  }
}

const certificate = (path: string, key: string): Promise<X509Certificate> =>
  pem(path, key, 'a certificate', (bytes) => new X509Certificate(bytes));
const privateKey = (path: string, key: string): Promise<KeyObject> =>
  pem(path, key, 'a private key without a passphrase', (bytes) => createPrivateKey(bytes));

/** Everything wrong with the files and variables that hold what the connection needs. */
export async function secretProblems(mqtt: Config['mqtt']): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const look = async <T>(path: readonly string[], read: () => Promise<T>) => {
    try {
      return await read();
    } catch (error) {
      problems.push({ path: ['mqtt', ...path], text: reasonOf(error) });
      return undefined;
    }
  };
  const { ca, cert, key } = mqtt.tls;
  await look([mqtt.passwordFile === undefined ? 'passwordEnv' : 'passwordFile'], () =>
    password(mqtt),
  );
  if (ca !== undefined) await look(['tls', 'ca'], () => certificate(ca, 'mqtt.tls.ca'));
  if (cert === undefined || key === undefined) return problems;
  const own = await look(['tls', 'cert'], () => certificate(cert, 'mqtt.tls.cert'));
  const secret = await look(['tls', 'key'], () => privateKey(key, 'mqtt.tls.key'));
  if (own !== undefined && secret !== undefined && !own.checkPrivateKey(secret)) {
    const text = `mqtt.tls.key is ${key}, which is not the key of ${cert}; name its own`;
    problems.push({ path: ['mqtt', 'tls', 'key'], text });
  }
  return problems;
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
