/** Blocks of a FLAC file that tests write: 16 bits, mono or all channels alike. */
export interface FlacOptions {
  readonly sampleRate: number;
  readonly channels?: number;
  /** What STREAMINFO promises; 0 promises nothing. */
  readonly total: number;
}

/** `fLaC` and STREAMINFO (RFC 9639, 8.2). */
export function flacHeader({ sampleRate, channels = 1, total }: FlacOptions): Uint8Array {
  const bytes = new Uint8Array(42);
  const view = new DataView(bytes.buffer);
  bytes.set([0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34]);
  view.setUint16(8, 16);
  view.setUint16(10, 65535);
  view.setUint32(18, sampleRate * 4096 + (channels - 1) * 512 + 15 * 16);
  view.setUint32(22, total);
  return bytes;
}

/** A frame of samples as they are (verbatim subframe), 192 of them at 44.1 kHz. */
export function flacFrame(number: number, samples: Int16Array): Uint8Array {
  const body = new Uint8Array(1 + samples.length * 2);
  body[0] = 0x02;
  const view = new DataView(body.buffer);
  for (let i = 0; i < samples.length; i++) view.setInt16(1 + 2 * i, samples[i] ?? 0);
  return frame([0xff, 0xf8, 0x19, 0x08, number & 0x7f], body);
}

/** A frame of 65,535 samples of one value at 1 kHz in 14 bytes (constant subframe). */
export function flacBomb(number: number): Uint8Array {
  return frame([0xff, 0xf8, 0x7c, 0x08, number & 0x7f, 0xff, 0xfe, 1], Uint8Array.of(0, 1, 0));
}

function frame(header: readonly number[], body: Uint8Array): Uint8Array {
  const head = Uint8Array.from([...header, crc(header, 8, 0x07)]);
  const all = [...head, ...body];
  const check = crc(all, 16, 0x8005);
  return Uint8Array.from([...all, check >> 8, check & 255]);
}

function crc(bytes: readonly number[], width: number, polynomial: number): number {
  let value = 0;
  for (const byte of bytes) {
    value ^= byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) {
      value <<= 1;
      if ((value >> width) & 1) value ^= polynomial | (1 << width);
    }
  }
  return value;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
