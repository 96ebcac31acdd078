import { concat } from '../bytes.ts';
import { decodeHeader, HEADER_BYTES } from '../smp/header.ts';
import { decodePacket } from '../smp/packet.ts';
import type { FrameEvent, FrameParser } from './frame.ts';

/** Raw framing (Zephyr's `smp_raw` UART transport): the packet itself, nothing around it. */
export function encodeRaw(packet: Uint8Array): Uint8Array {
  return packet;
}

/**
 * Parser of raw framing. There is no marker and no checksum, so a packet is believed when its header is one of SMP and
 * its payload is a whole CBOR map; otherwise one byte is given up and the search goes on behind it. Call `reset` after
 * a silence, since a length corrupted upwards would wait for bytes that never come.
 */
export class RawParser implements FrameParser {
  readonly #maxPacket: number;
  #held: Uint8Array = new Uint8Array(0);
  #noise = 0;

  /** @param maxPacket longest packet (header + payload) accepted, in bytes */
  constructor(maxPacket: number) {
    this.#maxPacket = maxPacket;
  }

  push(chunk: Uint8Array): readonly FrameEvent[] {
    const events: FrameEvent[] = [];
    const bytes = concat([this.#held, chunk]);
    let at = 0;
    for (;;) {
      const found = this.#read(bytes.subarray(at));
      if (found === 'wait') break;
      if (found === 'no') {
        this.#noise += 1;
        at += 1;
        continue;
      }
      this.#flushNoise(events);
      events.push({ type: 'packet', packet: found.slice() });
      at += found.length;
    }
    this.#flushNoise(events);
    this.#held = bytes.slice(at);
    return events;
  }

  reset(): void {
    this.#held = new Uint8Array(0);
  }

  #read(bytes: Uint8Array): Uint8Array | 'wait' | 'no' {
    if (bytes.length === 0) return 'wait';
    if (bytes.length < HEADER_BYTES) {
      // The first byte alone already rules most noise out: reserved bits, version, op.
      const first = bytes[0] ?? 0;
      return (first & 0xf4) === 0 ? 'wait' : 'no';
    }
    const header = decodeHeader(bytes);
    if (!header.ok || header.value.length === 0) return 'no';
    const length = HEADER_BYTES + header.value.length;
    if (length > this.#maxPacket) return 'no';
    if (bytes.length > HEADER_BYTES && ((bytes[HEADER_BYTES] ?? 0) & 0xe0) !== 0xa0) return 'no';
    if (bytes.length < length) return 'wait';
    const packet = bytes.subarray(0, length);
    return decodePacket(packet).ok ? packet : 'no';
  }

  #flushNoise(events: FrameEvent[]): void {
    if (this.#noise > 0) events.push({ type: 'garbage', reason: 'noise', bytes: this.#noise });
    this.#noise = 0;
  }
}
