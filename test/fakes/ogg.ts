/** The first pages of an Ogg file: small, and still one that plays. */
export function oggFile(file: Uint8Array, pages: number): Uint8Array {
  let end = 0;
  for (const [from, length] of pagesOf(file).slice(0, pages)) end = from + length;
  return new Uint8Array(file.subarray(0, end));
}

/** The same bytes, each page with the checksum of what is in it now. */
export function withChecksums(file: Uint8Array): Uint8Array {
  const out = file.slice();
  const view = new DataView(out.buffer);
  for (const [from, length] of pagesOf(out)) {
    if (from + length > out.length) break;
    view.setUint32(from + 22, 0, true);
    view.setUint32(from + 22, crc(out.subarray(from, from + length)), true);
  }
  return out;
}

function pagesOf(file: Uint8Array): (readonly [from: number, length: number])[] {
  const pages: (readonly [number, number])[] = [];
  for (let at = 0; Buffer.from(file.subarray(at, at + 4)).toString('latin1') === 'OggS'; ) {
    const segments = file[at + 26] ?? 0;
    const sizes = file.subarray(at + 27, at + 27 + segments);
    const length = 27 + segments + sizes.reduce((sum, size) => sum + size, 0);
    pages.push([at, length]);
    at += length;
  }
  return pages;
}

function crc(page: Uint8Array): number {
  let value = 0;
  for (const byte of page) {
    value ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  }
  return value >>> 0;
}
