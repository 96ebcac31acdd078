function tableOf(step: (index: number) => number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => step(index));
}

const crc16Table = tableOf((index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc & 0xffff;
});

const crc32Table = tableOf((index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc >>> 0;
});

/** CRC-16/XMODEM (polynomial 0x1021, start 0, not reflected): the checksum of SMP's console framing. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc = ((crc << 8) & 0xff00) ^ (crc16Table[(crc >>> 8) ^ byte] ?? 0);
  }
  return crc;
}

/** CRC-32 of IEEE 802.3 (as zlib's); pass an earlier result as `seed` to go on. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed >>> 0;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crc32Table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
