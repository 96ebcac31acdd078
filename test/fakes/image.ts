import { createHash } from 'node:crypto';
import type { PushImage } from '../../agent/push/push.ts';
import { signImage } from '../../protocol/mcuboot/image.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());

/** An image for the fake board, whose signature nobody checks; each `fill` gives another. */
export function imageOf(fill: number, length = 20_000): PushImage {
  const body = Uint8Array.from({ length }, (_, i) => (i * fill) & 0xff);
  const signer = { sha256, sign: () => new Uint8Array(64), publicKey: new Uint8Array(32) };
  const version = { major: 1, minor: 0, revision: 0, build: 0 };
  const recipe = { body, version, headerSize: 32, securityCounter: 0, boardId: 'fake' };
  const { bytes, hash } = signImage(recipe, signer);
  return { bytes, sha: sha256(bytes), hash };
}
