import { viewOf } from '../bytes.ts';
import { fail, ok, type Result } from '../result.ts';

/*
 * The MCUboot image format (MCUboot, docs/design.md "Image format"), little-endian throughout:
 * header | body | protected TLVs | TLVs.
 */
const IMAGE_MAGIC = 0x96f3b83d;
export const IMAGE_HEADER_BYTES = 32;
export const PROTECTED_TLV_MAGIC = 0x6908;
export const TLV_MAGIC = 0x6907;
/** The info block before each TLV area, and the head of each TLV: 4 bytes. */
export const TLV_HEAD_BYTES = 4;

export const tlvType = {
  keyHash: 0x01,
  sha256: 0x10,
  ecdsa: 0x22,
  ed25519: 0x24,
  securityCounter: 0x50,
  /** Ours, in the range MCUboot leaves to vendors: the board id as text. */
  boardId: 0xa0,
  /** Ours: SHA-256 of the deployed model file. */
  modelHash: 0xa1,
} as const;

export interface ImageVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
  readonly build: number;
}

export interface ImageHeader {
  readonly loadAddress: number;
  /** Bytes before the body, header and padding. */
  readonly headerSize: number;
  readonly protectedSize: number;
  readonly bodySize: number;
  readonly flags: number;
  readonly version: ImageVersion;
}

/** IMAGE_F_ENCRYPTED_AES128 and _AES256 of MCUboot's image.h. */
const ENCRYPTED_FLAGS = 0x04 | 0x08;

export function isEncrypted({ flags }: ImageHeader): boolean {
  return (flags & ENCRYPTED_FLAGS) !== 0;
}

export function encodeImageHeader(header: ImageHeader): Uint8Array {
  // Behind the header the flash stays as erased, as imgtool leaves it.
  const bytes = new Uint8Array(header.headerSize).fill(0xff);
  bytes.fill(0, 0, IMAGE_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, IMAGE_MAGIC, true);
  view.setUint32(4, header.loadAddress, true);
  view.setUint16(8, header.headerSize, true);
  view.setUint16(10, header.protectedSize, true);
  view.setUint32(12, header.bodySize, true);
  view.setUint32(16, header.flags, true);
  view.setUint8(20, header.version.major);
  view.setUint8(21, header.version.minor);
  view.setUint16(22, header.version.revision, true);
  view.setUint32(24, header.version.build, true);
  return bytes;
}

export type ImageFormatError =
  | 'short'
  | 'magic'
  | 'header-size'
  | 'truncated'
  | 'tlv-magic'
  | 'tlv-size';

export function decodeImageHeader(bytes: Uint8Array): Result<ImageHeader, ImageFormatError> {
  if (bytes.length < IMAGE_HEADER_BYTES) return fail('short');
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== IMAGE_MAGIC) return fail('magic');
  const headerSize = view.getUint16(8, true);
  if (headerSize < IMAGE_HEADER_BYTES) return fail('header-size');
  return ok({
    loadAddress: view.getUint32(4, true),
    headerSize,
    protectedSize: view.getUint16(10, true),
    bodySize: view.getUint32(12, true),
    flags: view.getUint32(16, true),
    version: {
      major: view.getUint8(20),
      minor: view.getUint8(21),
      revision: view.getUint16(22, true),
      build: view.getUint32(24, true),
    },
  });
}

/** "1.2.3" for build 0, "1.2.3.4" otherwise: how MCUmgr servers print it. */
export function versionText(version: ImageVersion): string {
  const text = `${version.major}.${version.minor}.${version.revision}`;
  return version.build === 0 ? text : `${text}.${version.build}`;
}

export function parseVersion(text: string): Result<ImageVersion, string> {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?(?:[.+](\d{1,10}))?$/.exec(text);
  const [major = 0, minor = 0, revision = 0, build = 0] = (match ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (match === null || major > 0xff || minor > 0xff || revision > 0xffff || build > 0xffff_ffff) {
    return fail(`"${text}" is not a version like 1.2.3 or 1.2.3+4`);
  }
  return ok({ major, minor, revision, build });
}
