import { concat, viewOf } from '../bytes.ts';
import { crc16 } from '../crc.ts';
import { HEADER_BYTES } from '../smp/header.ts';
import type { FrameEvent, FrameParser, GarbageReason } from './frame.ts';

/*
 * SMP over console (Zephyr, "SMP over console"): 06 09 begins a packet, 04 14 continues it, each line is base64 and ends
 * with LF. The stream inside is length (packet + CRC, big-endian 16 bit) | packet | CRC-16/XMODEM of the packet.
 */
const LF = 0x0a;
const CR = 0x0d;
const START = [0x06, 0x09] as const;
const CONTINUE = [0x04, 0x14] as const;

/** 2 marker bytes + 124 base64 characters + LF = 127, the longest line servers must accept. */
const BYTES_PER_LINE = 93;
/** Base64 groups of three: a line shortened by one group stays decodable by itself. */
const SHORTER_LINE = 90;
const CRC_BYTES = 2;
const LENGTH_BYTES = 2;
/** Longest line kept while its end is awaited; longer text comes out in pieces. */
const MAX_LINE = 1024;

/** The lines of one packet, ready for the wire. */
export function encodeConsole(packet: Uint8Array): Uint8Array {
  const stream = new Uint8Array(LENGTH_BYTES + packet.length + CRC_BYTES);
  const view = viewOf(stream);
  view.setUint16(0, packet.length + CRC_BYTES);
  stream.set(packet, LENGTH_BYTES);
  view.setUint16(LENGTH_BYTES + packet.length, crc16(packet));
  const lines: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    // Some servers check the CRC per line, so its two bytes must not be parted.
    const splitsCrc = stream.length - at === BYTES_PER_LINE + 1;
    const end = Math.min(stream.length, at + (splitsCrc ? SHORTER_LINE : BYTES_PER_LINE));
    lines.push(encodeLine(at === 0 ? START : CONTINUE, stream.subarray(at, end)));
    at = end;
  }
  return concat(lines);
}

function encodeLine(marker: readonly number[], bytes: Uint8Array): Uint8Array {
  const text = btoa(String.fromCharCode(...bytes));
  return Uint8Array.from([...marker, ...Array.from(text, (c) => c.charCodeAt(0)), LF]);
}

function decodeBase64(line: Uint8Array): Uint8Array | undefined {
  const text = String.fromCharCode(...line);
  if (line.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

type LineKind = 'text' | 'start' | 'continue';

/**
 * Parser of console framing. It resynchronises at every marker, also in the middle of a line (neither marker occurs in
 * base64), so a lost LF costs one packet and not two. Memory: one line and one packet of `maxPacket` bytes.
 */
export class ConsoleParser implements FrameParser {
  readonly #maxPacket: number;
  #kind: LineKind = 'text';
  readonly #line = new Uint8Array(MAX_LINE);
  #lineLength = 0;
  #parts: Uint8Array[] = [];
  #received = 0;
  #expected = 0;

  /** @param maxPacket longest packet (header + payload) accepted, in bytes */
  constructor(maxPacket: number) {
    this.#maxPacket = maxPacket;
  }

  push(chunk: Uint8Array): readonly FrameEvent[] {
    const events: FrameEvent[] = [];
    for (const byte of chunk) this.#take(byte, events);
    return events;
  }

  reset(): void {
    this.#kind = 'text';
    this.#lineLength = 0;
    this.#forgetPacket();
  }

  #take(byte: number, events: FrameEvent[]): void {
    const previous = this.#lineLength > 0 ? this.#line[this.#lineLength - 1] : undefined;
    if (byte === LF) {
      this.#endLine(events);
    } else if (previous === START[0] && byte === START[1]) {
      this.#beginLine('start', events);
    } else if (previous === CONTINUE[0] && byte === CONTINUE[1]) {
      this.#beginLine('continue', events);
    } else {
      if (this.#lineLength === MAX_LINE) this.#endLine(events);
      this.#line[this.#lineLength++] = byte;
    }
  }

  /** A marker was read: what stood before it on the line is a line of its own. */
  #beginLine(kind: LineKind, events: FrameEvent[]): void {
    this.#lineLength -= 1;
    if (this.#lineLength > 0 || this.#kind !== 'text') this.#endLine(events);
    this.#kind = kind;
    this.#lineLength = 0;
  }

  #endLine(events: FrameEvent[]): void {
    let end = this.#lineLength;
    if (end > 0 && this.#line[end - 1] === CR) end -= 1;
    const line = this.#line.slice(0, end);
    const kind = this.#kind;
    this.#kind = 'text';
    this.#lineLength = 0;
    if (kind === 'text') {
      if (line.length > 0) events.push({ type: 'text', text: printable(line) });
    } else {
      if (kind === 'start') this.#drop('incomplete', events);
      const fault = this.#addLine(kind, line);
      if (fault !== undefined) this.#drop(fault, events);
      else if (this.#received === this.#expected) this.#endPacket(events);
    }
  }

  /** Adds the bytes of a frame's line to the packet, unless something is wrong with them. */
  #addLine(kind: 'start' | 'continue', line: Uint8Array): GarbageReason | undefined {
    const bytes = decodeBase64(line);
    this.#received += bytes?.length ?? line.length;
    if (bytes === undefined) return 'base64';
    if (kind === 'continue' && this.#expected === 0) return 'orphan';
    this.#parts.push(bytes);
    if (kind === 'start' && !this.#readLength(bytes)) return 'length';
    return this.#received > this.#expected ? 'length' : undefined;
  }

  #readLength(bytes: Uint8Array): boolean {
    if (bytes.length < LENGTH_BYTES) return false;
    const length = viewOf(bytes).getUint16(0);
    this.#expected = LENGTH_BYTES + length;
    return length >= HEADER_BYTES + CRC_BYTES && length <= this.#maxPacket + CRC_BYTES;
  }

  #endPacket(events: FrameEvent[]): void {
    const stream = concat(this.#parts);
    const packet = stream.slice(LENGTH_BYTES, stream.length - CRC_BYTES);
    if (crc16(packet) === viewOf(stream).getUint16(stream.length - CRC_BYTES)) {
      events.push({ type: 'packet', packet });
      this.#forgetPacket();
    } else {
      this.#drop('crc', events);
    }
  }

  #drop(reason: GarbageReason, events: FrameEvent[]): void {
    if (this.#received > 0) events.push({ type: 'garbage', reason, bytes: this.#received });
    this.#forgetPacket();
  }

  #forgetPacket(): void {
    this.#parts = [];
    this.#received = 0;
    this.#expected = 0;
  }
}

/** Log text may hold anything after noise: what a terminal would act upon becomes a dot. */
function printable(line: Uint8Array): string {
  return Array.from(line, (byte) =>
    (byte >= 0x20 && byte < 0x7f) || byte === 0x09 ? String.fromCharCode(byte) : '.',
  ).join('');
}
