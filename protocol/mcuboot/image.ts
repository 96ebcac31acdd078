import { concat, equalBytes, fromHex, viewOf } from '../bytes.ts';
import { fail, ok, type Result } from '../result.ts';
import {
  decodeImageHeader,
  encodeImageHeader,
  IMAGE_HEADER_BYTES,
  type ImageFormatError,
  type ImageHeader,
  type ImageVersion,
  PROTECTED_TLV_MAGIC,
  TLV_MAGIC,
  tlvType,
} from './format.ts';
import { decodeTlvArea, encodeTlvArea, type Tlv } from './tlv.ts';

/** Cryptography comes from the caller: this package imports none. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;
/** Ed25519 (RFC 8032, not pre-hashed). */
export type Sign = (message: Uint8Array) => Uint8Array;
export type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

const SPKI_ED25519 = fromHex('302a300506032b6570032100');

/** SubjectPublicKeyInfo (RFC 8410) of a raw 32-byte Ed25519 key: what key hashes are taken over. */
export function spkiOf(publicKey: Uint8Array): Uint8Array {
  return concat([SPKI_ED25519, publicKey]);
}

export interface ImageRecipe {
  readonly body: Uint8Array;
  readonly version: ImageVersion;
  /** Bytes before the body; at least 32, and what the vector table's alignment asks for. */
  readonly headerSize: number;
  readonly securityCounter: number;
  readonly boardId: string;
  readonly modelHash?: Uint8Array;
}

export interface Signer {
  readonly sha256: Sha256;
  readonly sign: Sign;
  /** Raw 32-byte Ed25519 key. */
  readonly publicKey: Uint8Array;
}

/** A signed image as VENDOR.md wants it; byte for byte what imgtool makes of the same parts. */
export function buildImage(recipe: ImageRecipe, signer: Signer): Uint8Array {
  return signImage(recipe, signer).bytes;
}

/** An image that was just made, and all that was known on the way. */
export interface SignedImage {
  readonly bytes: Uint8Array;
  /** What was signed: SMP names the image by it. */
  readonly hash: Uint8Array;
  readonly parsed: ParsedImage;
}

/** The same, with its hash and its fields. */
export function signImage(recipe: ImageRecipe, signer: Signer): SignedImage {
  if (recipe.headerSize < IMAGE_HEADER_BYTES) throw new RangeError('image header under 32 bytes');
  const protectedFields = protectedTlvs(recipe);
  const protectedArea = encodeTlvArea(PROTECTED_TLV_MAGIC, protectedFields);
  const header: ImageHeader = {
    loadAddress: 0,
    headerSize: recipe.headerSize,
    protectedSize: protectedArea.length,
    bodySize: recipe.body.length,
    flags: 0,
    version: recipe.version,
  };
  const signed = concat([encodeImageHeader(header), recipe.body, protectedArea]);
  const hash = signer.sha256(signed);
  const tlvs: readonly Tlv[] = [
    { type: tlvType.sha256, value: hash },
    { type: tlvType.keyHash, value: signer.sha256(spkiOf(signer.publicKey)) },
    { type: tlvType.ed25519, value: signer.sign(hash) },
  ];
  const bytes = concat([signed, encodeTlvArea(TLV_MAGIC, tlvs)]);
  const { body } = recipe;
  const size = bytes.length;
  return {
    bytes,
    hash,
    parsed: { header, body, protectedTlvs: protectedFields, tlvs, signed, size },
  };
}

function protectedTlvs(recipe: ImageRecipe): readonly Tlv[] {
  const counter = new Uint8Array(4);
  viewOf(counter).setUint32(0, recipe.securityCounter, true);
  const tlvs: Tlv[] = [
    { type: tlvType.securityCounter, value: counter },
    { type: tlvType.boardId, value: new TextEncoder().encode(recipe.boardId) },
  ];
  if (recipe.modelHash !== undefined) {
    tlvs.push({ type: tlvType.modelHash, value: recipe.modelHash });
  }
  return tlvs;
}

export interface ParsedImage {
  readonly header: ImageHeader;
  readonly body: Uint8Array;
  readonly protectedTlvs: readonly Tlv[];
  readonly tlvs: readonly Tlv[];
  /** Header, body and protected TLVs: what the digest is taken over. */
  readonly signed: Uint8Array;
  /** Bytes of the whole image; what follows (padding, trailer) is not part of it. */
  readonly size: number;
}

/** Reads the structure of an image and checks every length; says nothing about its signature. */
export function parseImage(bytes: Uint8Array): Result<ParsedImage, ImageFormatError> {
  const parsed = decodeImageHeader(bytes);
  if (!parsed.ok) return parsed;
  const header = parsed.value;
  const bodyEnd = header.headerSize + header.bodySize;
  const signedEnd = bodyEnd + header.protectedSize;
  if (signedEnd > bytes.length) return fail('truncated');
  let protectedTlvs: readonly Tlv[] = [];
  if (header.protectedSize > 0) {
    const area = decodeTlvArea(PROTECTED_TLV_MAGIC, bytes.subarray(bodyEnd, signedEnd));
    if (!area.ok) return area;
    if (area.value.size !== header.protectedSize) return fail('tlv-size');
    protectedTlvs = area.value.tlvs;
  }
  const area = decodeTlvArea(TLV_MAGIC, bytes.subarray(signedEnd));
  if (!area.ok) return area;
  return ok({
    header,
    body: bytes.slice(header.headerSize, bodyEnd),
    protectedTlvs,
    tlvs: area.value.tlvs,
    signed: bytes.slice(0, signedEnd),
    size: signedEnd + area.value.size,
  });
}

function findTlv(tlvs: readonly Tlv[], type: number): Uint8Array | undefined {
  return tlvs.find((tlv) => tlv.type === type)?.value;
}

/** SHA-256 of the image: how SMP names it. */
export function imageHash(image: ParsedImage): Uint8Array | undefined {
  return findTlv(image.tlvs, tlvType.sha256);
}

export function imageBoardId(image: ParsedImage): string | undefined {
  const value = findTlv(image.protectedTlvs, tlvType.boardId);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

export function imageSecurityCounter(image: ParsedImage): number | undefined {
  const value = findTlv(image.protectedTlvs, tlvType.securityCounter);
  return value?.length === 4 ? viewOf(value).getUint32(0, true) : undefined;
}

export type ImageFault = 'no-hash' | 'bad-hash' | 'foreign-key' | 'unsigned' | 'bad-signature';

export interface Verifier {
  readonly sha256: Sha256;
  readonly verify: Verify;
  readonly publicKey: Uint8Array;
}

/** Checks digest, signer and signature in the order a bootloader does; `undefined` means the image is good. */
export function imageFault(image: ParsedImage, verifier: Verifier): ImageFault | undefined {
  const digest = imageHash(image);
  if (digest === undefined) return 'no-hash';
  if (!equalBytes(digest, verifier.sha256(image.signed))) return 'bad-hash';
  const keyHash = findTlv(image.tlvs, tlvType.keyHash);
  const signature = findTlv(image.tlvs, tlvType.ed25519);
  if (keyHash === undefined || signature === undefined) return 'unsigned';
  if (!equalBytes(keyHash, verifier.sha256(spkiOf(verifier.publicKey)))) return 'foreign-key';
  return verifier.verify(digest, signature) ? undefined : 'bad-signature';
}
