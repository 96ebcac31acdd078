import { decode, encode } from 'cborg';
import { fail, ok, type Result } from './result.ts';

/** One CBOR map with text keys: what every SMP packet carries. */
export type CborMap = Readonly<Record<string, unknown>>;

/** Encodes with definite lengths and shortest integers; keys whose value is undefined are left out. */
export function encodeMap(map: CborMap): Uint8Array {
  return encode(map, { ignoreUndefinedProperties: true });
}

/** Decodes exactly one map that fills the bytes; the error is a sentence. */
export function decodeMap(bytes: Uint8Array): Result<CborMap, string> {
  // The major type of the first byte decides: anything but a map is refused before it is built.
  if (((bytes[0] ?? 0) & 0xe0) !== 0xa0) return fail('the payload is not a CBOR map');
  try {
    return ok(decode(bytes, { rejectDuplicateMapKeys: true, allowUndefined: false }));
  } catch (error) {
    // cborg throws on malformed input; nesting deep enough to exhaust the stack throws a RangeError.
    return fail(error instanceof Error ? error.message : String(error));
  }
}
