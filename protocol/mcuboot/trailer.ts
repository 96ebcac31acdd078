import { equalBytes, fromHex } from '../bytes.ts';

/** The last bytes of a slot (MCUboot, docs/design.md "Image trailer"), for a write alignment of 8. */
export const TRAILER_MAGIC = fromHex('77c295f360d2ef7f3552500f2cb67980');

/** Distance of each field from the slot's end. */
export const trailerOffset = { magic: 16, imageOk: 24, copyDone: 32, swapInfo: 40 } as const;

const ERASED = 0xff;
const SET = 0x01;

export type TrailerFlag = 'set' | 'unset' | 'bad';

export interface Trailer {
  readonly magic: 'good' | 'unset' | 'bad';
  readonly imageOk: TrailerFlag;
  readonly copyDone: TrailerFlag;
}

/** Reads the trailer of a whole slot, or of its last 40 bytes at least. */
export function readTrailer(slot: Uint8Array): Trailer {
  const magic = slot.subarray(slot.length - trailerOffset.magic);
  return {
    magic: magicOf(magic),
    imageOk: flagOf(slot[slot.length - trailerOffset.imageOk]),
    copyDone: flagOf(slot[slot.length - trailerOffset.copyDone]),
  };
}

function magicOf(magic: Uint8Array): Trailer['magic'] {
  if (equalBytes(magic, TRAILER_MAGIC)) return 'good';
  return magic.every((byte) => byte === ERASED) ? 'unset' : 'bad';
}

function flagOf(byte: number | undefined): TrailerFlag {
  if (byte === SET) return 'set';
  return byte === ERASED ? 'unset' : 'bad';
}

export type SwapDecision = 'none' | 'test' | 'permanent' | 'revert';

/** What a bootloader does with the trailers of the running (0) and the uploaded (1) slot. */
export function swapDecision(slot0: Trailer, slot1: Trailer): SwapDecision {
  if (slot1.magic === 'good') return slot1.imageOk === 'set' ? 'permanent' : 'test';
  const unconfirmed = slot0.copyDone === 'set' && slot0.imageOk !== 'set';
  return slot0.magic === 'good' && unconfirmed ? 'revert' : 'none';
}
