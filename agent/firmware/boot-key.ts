import { createHash } from 'node:crypto';

/**
 * Stands where a bootloader's key will be: bootloaders are compiled with these bytes, and get the key of a context only when
 * they are used. No key is known whose public half this is, so that one left as it is trusts nobody.
 */
export const PLACEHOLDER_KEY: Uint8Array = new Uint8Array(
  createHash('sha256').update('the key of an otolith bootloader goes here').digest(),
);

/** A bootloader's file (ELF or raw) with its key in place: the same bytes as one compiled with that key. */
export function withBootKey(file: Uint8Array, publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== PLACEHOLDER_KEY.length) throw new RangeError('a key has 32 bytes');
  const bytes = Buffer.from(file);
  const at = bytes.indexOf(PLACEHOLDER_KEY);
  if (at < 0 || bytes.indexOf(PLACEHOLDER_KEY, at + 1) >= 0) {
    throw new Error('a bootloader holds its key once');
  }
  bytes.set(publicKey, at);
  return bytes;
}
