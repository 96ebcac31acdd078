import { type BoardFile, flashBytes } from '../../agent/boards/board-file.ts';
import { concat } from '../../protocol/bytes.ts';
import { PROTECTED_TLV_MAGIC, TLV_MAGIC, tlvType } from '../../protocol/mcuboot/format.ts';
import {
  buildImage,
  type ParsedImage,
  parseImage,
  type Signer,
} from '../../protocol/mcuboot/image.ts';
import { encodeTlvArea, type Tlv } from '../../protocol/mcuboot/tlv.ts';
import { TRAILER_MAGIC, trailerOffset } from '../../protocol/mcuboot/trailer.ts';
import { newSigner } from './signing.ts';

/** Version 1.<counter>.0 of a program for a board. */
export function imageFor(
  board: BoardFile,
  body: Uint8Array,
  counter: number,
  signer: Signer,
  boardId: string = board.id,
): Uint8Array {
  const version = { major: 1, minor: counter, revision: 0, build: 0 };
  const { headerSize } = board.image;
  return buildImage({ body, version, headerSize, securityCounter: counter, boardId }, signer);
}

/** Flash in which slot 0's image runs and slot 1's is asked for, for a test, as the application would. */
export function flashWithRequest(
  board: BoardFile,
  running: Uint8Array,
  asked: Uint8Array,
  state: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const { slot0, slot1, slotBytes, sectorBytes } = board.flash;
  const flash = new Uint8Array(flashBytes(board)).fill(0xff);
  flash.set(running, slot0);
  flash.set(asked.subarray(0, slotBytes - 2 * sectorBytes), slot1 + sectorBytes);
  flash.set(state, board.flash.state);
  flash.set(TRAILER_MAGIC, slot1 + slotBytes - trailerOffset.magic);
  return flash;
}

function parsed(image: Uint8Array): ParsedImage {
  const result = parseImage(image);
  if (!result.ok) throw new Error(`not an image: ${result.error}`);
  return result.value;
}

function withTlvs(image: Uint8Array, change: (tlvs: readonly Tlv[]) => readonly Tlv[]): Uint8Array {
  const { signed, tlvs } = parsed(image);
  return concat([signed, encodeTlvArea(TLV_MAGIC, change(tlvs))]);
}

function flipped(image: Uint8Array, at: number): Uint8Array {
  const copy = image.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

/** Offset of a TLV's value, found by its bytes. */
function offsetOf(image: Uint8Array, type: number): number {
  const value = parsed(image).tlvs.find((tlv) => tlv.type === type)?.value ?? new Uint8Array();
  return Buffer.from(image).indexOf(Buffer.from(value));
}

/** Images that a board must not start, each with what is wrong with it. */
export function wrongImages(
  board: BoardFile,
  body: Uint8Array,
  signer: Signer,
): readonly (readonly [name: string, image: Uint8Array])[] {
  const good = imageFor(board, body, 2, signer);
  const { signed } = parsed(good);
  const protectedAt = board.image.headerSize + body.length;
  const lied = good.slice();
  new DataView(lied.buffer).setUint32(12, board.flash.slotBytes, true);
  const sum = signer.sha256(signed.subarray(0, protectedAt));
  const unprotected = good.slice(0, protectedAt);
  new DataView(unprotected.buffer).setUint16(10, 0, true);
  const signatureOnly = (tlv: Tlv) => tlv.type !== tlvType.ed25519;
  return [
    ['unsigned', withTlvs(good, (tlvs) => tlvs.filter(signatureOnly))],
    [
      'without a hash',
      withTlvs(good, (tlvs) => tlvs.filter(({ type }) => type !== tlvType.sha256)),
    ],
    ['signed by a foreign key', imageFor(board, body, 2, newSigner())],
    [
      'signed by a foreign key under our name',
      withTlvs(imageFor(board, body, 2, newSigner()), (tlvs) =>
        tlvs.map((tlv) =>
          tlv.type === tlvType.keyHash
            ? {
                type: tlv.type,
                value: good.slice(offsetOf(good, tlv.type), offsetOf(good, tlv.type) + 32),
              }
            : tlv,
        ),
      ),
    ],
    ['a bit flipped in the header', flipped(good, 20)],
    ['a bit flipped in the padding of the header', flipped(good, board.image.headerSize - 1)],
    ['a bit flipped at the start of the body', flipped(good, board.image.headerSize)],
    ['a bit flipped at the end of the body', flipped(good, protectedAt - 1)],
    ['a bit flipped in the protected records', flipped(good, protectedAt + 8)],
    ['a bit flipped in the hash', flipped(good, offsetOf(good, tlvType.sha256))],
    ['a bit flipped in the name of the key', flipped(good, offsetOf(good, tlvType.keyHash))],
    ['a bit flipped in the signature', flipped(good, offsetOf(good, tlvType.ed25519) + 40)],
    ['of a lower security counter', imageFor(board, body, 0, signer)],
    ['for another board', imageFor(board, body, 2, signer, `${board.id}x`)],
    ['truncated in the body', good.slice(0, protectedAt - 100)],
    ['truncated in the records', good.slice(0, good.length - 10)],
    ['longer than the slot by its header', lied],
    [
      'without protected records',
      concat([unprotected, encodeTlvArea(TLV_MAGIC, [{ type: tlvType.sha256, value: sum }])]),
    ],
    [
      'with two security counters',
      (() => {
        const twice = parsed(good).protectedTlvs;
        const area = encodeTlvArea(PROTECTED_TLV_MAGIC, [...twice, ...twice]);
        const start = good.slice(0, protectedAt);
        new DataView(start.buffer).setUint16(10, area.length, true);
        const all = concat([start, area]);
        const digest = signer.sha256(all);
        const keyHash = parsed(good).tlvs.find(({ type }) => type === tlvType.keyHash);
        return concat([
          all,
          encodeTlvArea(TLV_MAGIC, [
            { type: tlvType.sha256, value: digest },
            ...(keyHash === undefined ? [] : [keyHash]),
            { type: tlvType.ed25519, value: signer.sign(digest) },
          ]),
        ]);
      })(),
    ],
  ];
}
