import { concat } from '../bytes.ts';
import { type CborMap, decodeMap, encodeMap } from '../cbor.ts';
import { fail, ok, type Result } from '../result.ts';
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  type SmpHeader,
  type SmpOp,
  type SmpVersion,
} from './header.ts';

export interface SmpPacket {
  readonly header: SmpHeader;
  readonly body: CborMap;
}

export interface PacketFields {
  readonly version: SmpVersion;
  readonly op: SmpOp;
  readonly group: number;
  readonly command: number;
  readonly sequence: number;
}

/** The bytes of a packet; throws a RangeError when the body's length does not fit in 16 bits. */
export function encodePacket(fields: PacketFields, body: CborMap): Uint8Array {
  const payload = encodeMap(body);
  if (payload.length > 0xffff) throw new RangeError(`an SMP body of ${payload.length} bytes`);
  return concat([encodeHeader({ ...fields, flags: 0, length: payload.length }), payload]);
}

/** Reads a whole packet; the error is a sentence for a log. */
export function decodePacket(bytes: Uint8Array): Result<SmpPacket, string> {
  const header = decodeHeader(bytes);
  if (!header.ok) return fail(`bad SMP header (${header.error})`);
  const payload = bytes.subarray(HEADER_BYTES);
  if (payload.length !== header.value.length) {
    return fail(`the SMP header says ${header.value.length} bytes, ${payload.length} follow`);
  }
  const body = decodeMap(payload);
  return body.ok ? ok({ header: header.value, body: body.value }) : fail(body.error);
}
