import { readFile } from 'node:fs/promises';
import {
  imageHash,
  type ParsedImage,
  parseImage,
  type SignedImage,
} from '../../protocol/mcuboot/image.ts';
import { reasonOf, UserError } from '../base/errors.ts';
import { sha256 } from './keys.ts';

/** An MCUboot image, ready to be pushed. */
export interface FirmwareImage {
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly sha: Uint8Array;
  /** SHA-256 of header, body and protected TLVs: how boards list it. */
  readonly hash: Uint8Array;
  /** The same as fields. */
  readonly parsed: ParsedImage;
}

/** An image that was just signed, with the hash that it was signed by. */
export function imageOf({ bytes, hash, parsed }: SignedImage): FirmwareImage {
  return { bytes, hash, parsed, sha: sha256(bytes) };
}

/** Reads an image made elsewhere (imgtool's, another project's). @throws UserError `image-file` */
export async function readImageFile(path: string): Promise<FirmwareImage> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new UserError('image-file', `the image ${path} cannot be read: ${reasonOf(cause)}`, {
      hint: 'name an MCUboot image (.bin), or leave --image out to push a network',
      cause,
    });
  });
  const result = parseImage(new Uint8Array(file));
  const hash = result.ok ? imageHash(result.value) : undefined;
  if (!result.ok || hash === undefined) {
    const why = result.ok ? 'it has no SHA-256' : result.error;
    throw new UserError('image-file', `${path} is not an MCUboot image (${why})`);
  }
  // What follows (padding, a trailer) is not part of it.
  const bytes = new Uint8Array(file.subarray(0, result.value.size));
  return { bytes, hash, parsed: result.value, sha: sha256(bytes) };
}
