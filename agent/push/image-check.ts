import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { isEncrypted, tlvType } from '../../protocol/mcuboot/format.ts';
import {
  imageBoardId,
  imageFault,
  imageHash,
  imageSecurityCounter,
  type ParsedImage,
} from '../../protocol/mcuboot/image.ts';
import type { BoardInfo } from '../../protocol/vendor.ts';
import { UserError } from '../base/errors.ts';
import { packageRoot } from '../base/root.ts';
import { type BoardFile, maxImageBytes, readBoardFile } from '../boards/board-file.ts';
import { boardIds } from '../boards/board-ids.ts';
import { type SigningKey, sha256 } from '../firmware/keys.ts';

export interface Destination {
  /** The board as it describes itself; undefined for one of another maker, whose demands are its own. */
  readonly info: BoardInfo | undefined;
  /** The key that its owner signs by, where known. */
  readonly key: SigningKey | undefined;
}

/**
 * Whether an image is whole and one that the board will take: what its bootloader would find only after the upload.
 * @param what names the image in errors
 * @throws UserError `image-corrupt`, `image-board`, `image-counter`, `image-key`, `image-too-large`
 */
export function checkImage(what: string, image: ParsedImage, { info, key }: Destination): void {
  // The hash of an encrypted image is that of its plain text, which only a board that decrypts sees.
  if (info !== undefined || !isEncrypted(image.header)) checkHash(what, image);
  if (info === undefined) {
    if (key !== undefined && namesKey(image, key)) checkSigner(what, image, key);
    return;
  }
  checkFields(what, image, info);
  if (key !== undefined) checkSigner(what, image, key);
  if (boardIds(packageRoot).includes(info.board)) {
    checkSize(what, image, readBoardFile(packageRoot, info.board));
  }
}

function checkHash(what: string, image: ParsedImage): void {
  const said = imageHash(image) ?? new Uint8Array();
  const is = sha256(image.signed);
  if (equalBytes(said, is)) return;
  const hashes = `its contents have the SHA-256 ${short(is)}, its hash field says ${short(said)}`;
  throw new UserError('image-corrupt', `${what} is corrupt: ${hashes}`, { hint: 'make it again' });
}

function checkFields(what: string, image: ParsedImage, info: BoardInfo): void {
  const types = [...image.protectedTlvs, ...image.tlvs].map((tlv) => tlv.type);
  const twice = Object.entries(tlvType).find(
    ([, type]) => types.indexOf(type) !== types.lastIndexOf(type),
  );
  if (twice !== undefined) {
    throw new UserError('image-corrupt', `${what} has its field ${twice[0]} twice`);
  }
  const board = imageBoardId(image);
  if (board !== info.board) {
    const made = board === undefined ? 'names no board (TLV 0xa0)' : `is made for ${quoted(board)}`;
    throw new UserError('image-board', `${what} ${made}, and this board is a ${info.board}`, {
      hint: 'build it for this board',
    });
  }
  const counter = imageSecurityCounter(image);
  if (counter === undefined || counter < info.ctr) {
    const has =
      counter === undefined
        ? 'has no security counter (TLV 0x50)'
        : `has the security counter ${counter}`;
    throw new UserError('image-counter', `${what} ${has}; this board takes ${info.ctr} or more`, {
      hint: `sign it with ${info.ctr}`,
    });
  }
}

function checkSigner(what: string, image: ParsedImage, key: SigningKey): void {
  const fault = imageFault(image, key);
  if (fault === 'unsigned') {
    throw new UserError('image-key', `${what} has no Ed25519 signature`, {
      hint: `sign it by ${key.path}`,
    });
  }
  if (fault === 'foreign-key') {
    const theirs = short(fieldOf(image, tlvType.keyHash));
    const keys = `is signed by the key ${theirs}, and boards here trust ${short(key.keyHash)}`;
    throw new UserError('image-key', `${what} ${keys} (${key.path})`, {
      hint: 'sign it by that one, or name the key that the board trusts with --key',
    });
  }
  if (fault === 'bad-signature') {
    throw new UserError('image-key', `${what} has a signature that is not of the key it names`, {
      hint: `sign it by ${key.path}`,
    });
  }
}

function checkSize(what: string, image: ParsedImage, board: BoardFile): void {
  const room = maxImageBytes(board);
  if (image.size > room) {
    const sizes = `takes ${image.size} bytes, a slot of ${board.id} holds ${room}`;
    throw new UserError('image-too-large', `${what} ${sizes}`);
  }
  const { headerSize } = image.header;
  if (headerSize === board.image.headerSize) return;
  const sizes = `has a header of ${headerSize} bytes, ${board.id} starts behind ${board.image.headerSize}`;
  throw new UserError('image-board', `${what} ${sizes}`, {
    hint: `imgtool sign --header-size ${board.image.headerSize}`,
  });
}

function namesKey(image: ParsedImage, key: SigningKey): boolean {
  return equalBytes(fieldOf(image, tlvType.keyHash), key.keyHash);
}

function fieldOf(image: ParsedImage, type: number): Uint8Array {
  return image.tlvs.find((tlv) => tlv.type === type)?.value ?? new Uint8Array();
}

const short = (bytes: Uint8Array): string => `${toHex(bytes.subarray(0, 6))}...`;

/** Text of a file nobody has vouched for, fit for a terminal. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 32));
