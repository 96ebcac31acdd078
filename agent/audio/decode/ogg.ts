/** Bytes of a page's header before its table of segments (RFC 3533, 6). */
const HEADER = 27;
const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

/**
 * The pages of an Ogg file, each whole and with the checksum it says; bytes after the last page (tags) are left out.
 * @throws Error with the reason: a page that is damaged or cut.
 */
export function* oggPages(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0, n = 1; isPage(bytes, at); n++) {
    const segments = bytes[at + 26] ?? 0;
    const table = bytes.subarray(at + HEADER, at + HEADER + segments);
    const length = HEADER + segments + table.reduce((sum, size) => sum + size, 0);
    const page = bytes.subarray(at, at + length);
    if (page.length < length) throw new Error(`it ends within page ${n}`);
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    if (view.getUint32(22, true) !== checksum(page)) throw new Error(`page ${n} is damaged`);
    yield page;
    at += length;
  }
}

function isPage(bytes: Uint8Array, at: number): boolean {
  const [o, g, g2, s] = bytes.subarray(at, at + 4);
  return o === 0x4f && g === 0x67 && g2 === 0x67 && s === 0x53;
}

/** CRC-32 of a page, its own four bytes taken as 0. */
function checksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : (page[i] ?? 0);
    crc = (crc << 8) ^ (TABLE[(crc >>> 24) ^ byte] ?? 0);
  }
  return crc >>> 0;
}
