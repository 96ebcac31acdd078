import { expect, test } from 'vitest';
import { crc16, crc32 } from './crc.ts';
import { vectors } from './vectors/load.ts';

test('both checksums agree with crcmod and zlib', () => {
  for (const vector of vectors.checksums) {
    expect(crc16(vector.data)).toBe(vector.crc16);
    expect(crc32(vector.data)).toBe(vector.crc32);
  }
});

test('crc32 goes on from an earlier result', () => {
  const data = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(crc32(data.subarray(100), crc32(data.subarray(0, 100)))).toBe(crc32(data));
});
