import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Signer, spkiOf, type Verifier } from '../../protocol/mcuboot/image.ts';
import { reasonOf, UserError } from '../base/errors.ts';
import { makeFolder } from '../base/folder.ts';

/** An Ed25519 key that boards trust: whoever has it can replace their firmware. */
export interface SigningKey extends Signer, Verifier {
  readonly path: string;
  /** SHA-256 of the public key as SPKI DER: how images name their signer. */
  readonly keyHash: Uint8Array;
}

export function defaultKeyPath(stateDir: string): string {
  return join(stateDir, 'keys', 'signing-ed25519.pem');
}

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

/**
 * Writes a new key (PKCS#8 PEM, as imgtool's), readable by its owner alone.
 * @throws UserError `key-exists` rather than ever overwriting one
 */
export async function createKey(path: string): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await makeFolder(dirname(path), 0o700);
  // Whole or not at all, since another process may be about to read it; a link replaces nothing.
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    await file.writeFile(pem);
    await file.sync();
    await file.close();
    await link(draft, path);
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause;
    throw new UserError('key-exists', `${path} exists already`, {
      hint: 'boards trust it; move it away yourself if it really is to be replaced',
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readKey(path);
}

/** @throws UserError `key-missing`, `key-exposed`, `key-invalid` */
export async function readKey(path: string): Promise<SigningKey> {
  const { mode } = await stat(path).catch((cause) => {
    throw new UserError('key-missing', `there is no signing key at ${path}`, {
      hint: 'otolith keys create makes one',
      cause,
    });
  });
  if ((mode & 0o077) !== 0) {
    throw new UserError('key-exposed', `${path} can be read by other users`, {
      hint: `chmod 600 ${path} (and make a new key if someone may have read it)`,
    });
  }
  const pem = await readFile(path).catch((cause: unknown) => {
    const why = reasonOf(cause);
    throw new UserError('key-missing', `the signing key ${path} cannot be read: ${why}`, { cause });
  });
  try {
    return keyOf(path, pem);
  } catch (cause) {
    throw new UserError('key-invalid', `${path} is not an Ed25519 key in PEM form`, { cause });
  }
}

/** The key at the path; where there is none, a new one, and `onCreate` hears of it. */
export async function ensureKey(
  path: string,
  onCreate: (key: SigningKey) => void,
): Promise<SigningKey> {
  try {
    return await readKey(path);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'key-missing') throw error;
  }
  try {
    const key = await createKey(path);
    onCreate(key);
    return key;
  } catch (error) {
    // Another board, or another process, needed one at the same moment.
    if (error instanceof UserError && error.code === 'key-exists') return readKey(path);
    throw error;
  }
}

function keyOf(path: string, pem: Buffer): SigningKey {
  const secret = createPrivateKey(pem);
  if (secret.asymmetricKeyType !== 'ed25519') throw new Error(`it is ${secret.asymmetricKeyType}`);
  const open = createPublicKey(secret);
  const spki = open.export({ type: 'spki', format: 'der' });
  const publicKey = new Uint8Array(spki.subarray(-32));
  return {
    path,
    publicKey,
    keyHash: sha256(spkiOf(publicKey)),
    sha256,
    sign: (message) => new Uint8Array(sign(null, message, secret)),
    verify: (message, signature) => verify(null, message, open, signature),
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
