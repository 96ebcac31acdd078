import { viewOf } from '../bytes.ts';
import { fail, ok, type Result } from '../result.ts';

/** Bytes before the payload of every SMP packet. */
export const HEADER_BYTES = 8;

export const smpOp = { read: 0, readReply: 1, write: 2, writeReply: 3 } as const;
export type SmpOp = (typeof smpOp)[keyof typeof smpOp];

/** SMP protocol version: 1 carries `rc`, 2 carries `err: {group, rc}`. The wire holds version - 1. */
export type SmpVersion = 1 | 2;

/**
 * The SMP header (Zephyr, "SMP protocol specification"), 8 bytes, big-endian:
 * reserved(3) version(2) op(3) | flags | payload length | group | sequence | command.
 */
export interface SmpHeader {
  readonly version: SmpVersion;
  readonly op: SmpOp;
  readonly flags: number;
  /** Bytes of payload that follow. */
  readonly length: number;
  readonly group: number;
  readonly sequence: number;
  readonly command: number;
}

export function encodeHeader(header: SmpHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint8(0, ((header.version - 1) << 3) | header.op);
  view.setUint8(1, header.flags);
  view.setUint16(2, header.length);
  view.setUint16(4, header.group);
  view.setUint8(6, header.sequence);
  view.setUint8(7, header.command);
  return bytes;
}

export type HeaderError = 'short' | 'reserved' | 'version' | 'op';

export function decodeHeader(bytes: Uint8Array): Result<SmpHeader, HeaderError> {
  if (bytes.length < HEADER_BYTES) return fail('short');
  const view = viewOf(bytes);
  const first = view.getUint8(0);
  if (first >> 5 !== 0) return fail('reserved');
  const version = versionOf((first >> 3) & 3);
  if (version === undefined) return fail('version');
  const op = opOf(first & 7);
  if (op === undefined) return fail('op');
  return ok({
    version,
    op,
    flags: view.getUint8(1),
    length: view.getUint16(2),
    group: view.getUint16(4),
    sequence: view.getUint8(6),
    command: view.getUint8(7),
  });
}

function versionOf(wire: number): SmpVersion | undefined {
  if (wire === 0) return 1;
  return wire === 1 ? 2 : undefined;
}

function opOf(wire: number): SmpOp | undefined {
  return Object.values(smpOp).find((op) => op === wire);
}
