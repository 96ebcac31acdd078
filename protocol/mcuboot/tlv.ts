import { concat, viewOf } from '../bytes.ts';
import { fail, ok, type Result } from '../result.ts';
import { type ImageFormatError, TLV_HEAD_BYTES } from './format.ts';

export interface Tlv {
  readonly type: number;
  readonly value: Uint8Array;
}

/** A whole TLV area with its info block; `magic` tells protected from unprotected. */
export function encodeTlvArea(magic: number, tlvs: readonly Tlv[]): Uint8Array {
  const total = tlvs.reduce((sum, tlv) => sum + TLV_HEAD_BYTES + tlv.value.length, TLV_HEAD_BYTES);
  return concat([
    headOf(magic, total),
    ...tlvs.flatMap((tlv) => [headOf(tlv.type, tlv.value.length), tlv.value]),
  ]);
}

export interface TlvArea {
  readonly tlvs: readonly Tlv[];
  /** Bytes of the area, info block included. */
  readonly size: number;
}

export function decodeTlvArea(magic: number, bytes: Uint8Array): Result<TlvArea, ImageFormatError> {
  if (bytes.length < TLV_HEAD_BYTES) return fail('truncated');
  const view = viewOf(bytes);
  if (view.getUint16(0, true) !== magic) return fail('tlv-magic');
  const size = view.getUint16(2, true);
  if (size < TLV_HEAD_BYTES) return fail('tlv-size');
  if (size > bytes.length) return fail('truncated');
  const tlvs: Tlv[] = [];
  for (let at = TLV_HEAD_BYTES; at < size; ) {
    if (at + TLV_HEAD_BYTES > size) return fail('tlv-size');
    const end = at + TLV_HEAD_BYTES + view.getUint16(at + 2, true);
    if (end > size) return fail('tlv-size');
    tlvs.push({ type: view.getUint16(at, true), value: bytes.slice(at + TLV_HEAD_BYTES, end) });
    at = end;
  }
  return ok({ tlvs, size });
}

function headOf(first: number, second: number): Uint8Array {
  if (second > 0xffff) throw new RangeError(`a TLV of ${second} bytes`);
  const head = new Uint8Array(TLV_HEAD_BYTES);
  const view = viewOf(head);
  view.setUint16(0, first, true);
  view.setUint16(2, second, true);
  return head;
}
