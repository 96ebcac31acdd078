import type { Random } from '../../agent/base/random.ts';

/** What a damaged or hostile header says: nothing, too little, too much, the edges of its type. */
const NUMBERS = [
  ...[0, 1, 7, 100, 255, 256, 999, 1000, 32767, 32768, 65535, 384_000, 384_001],
  ...[0x7fffffff, 0x80000000, 4e9, 0xffffffff],
] as const;

/** A copy that is damaged in one to three places, mostly within the first `header` bytes. */
export function mutant(bytes: Uint8Array, header: number, random: Random): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (let n = random.int(1, 3); n > 0; n--) out = damaged(out, header, random);
  return out;
}

function damaged(bytes: Uint8Array, header: number, random: Random): Uint8Array {
  const within = random.chance(0.25) ? bytes.length : Math.min(header, bytes.length);
  const at = random.int(0, Math.max(0, within - 1));
  const number = random.pick(NUMBERS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = random.chance(0.5);
  switch (random.int(0, 7)) {
    case 0:
    case 1:
      if (at < bytes.length) bytes[at] = random.int(0, 255);
      return bytes;
    case 2:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
      return bytes;
    case 3:
      if (at + 2 <= bytes.length) view.setUint16(at, number & 0xffff, little);
      return bytes;
    case 4:
      if (at + 4 <= bytes.length) view.setUint32(at, number, little);
      return bytes;
    case 5:
      return bytes.slice(0, random.int(0, bytes.length));
    case 6:
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at >> 1)]));
    default:
      bytes.fill(random.chance(0.5) ? 0 : 255, at, at + random.int(1, 64));
      return bytes;
  }
}
