import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Signer } from '../../protocol/mcuboot/image.ts';

/** A fresh signing key for a test. */
export function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return signerOf(publicKey, privateKey);
}

function signerOf(publicKey: KeyObject, privateKey: KeyObject): Signer {
  return {
    publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)),
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** Bytes that are the same in every run: a test's stand-in for a program. */
export function pseudoRandom(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
