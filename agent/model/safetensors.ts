import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { DTYPES, type DType, elementsOf, type Tensor, type TensorData } from '../ops/tensors.ts';

/**
 * safetensors container (huggingface/safetensors, format 0.4): u64 LE header length, JSON header, data.
 * Bounded: a header of at most 1 MiB, a file of at most 64 MiB.
 */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

const MAX_HEADER = 1 << 20;
const MAX_FILE = 64 << 20;
const ALIGN = 8;

const offset = z.number().int().min(0).max(MAX_FILE);
const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(DTYPES) as [DType, ...DType[]]),
  shape: z.array(z.number().int().min(0).max(MAX_FILE)).max(8),
  data_offsets: z.tuple([offset, offset]),
});
const headerSchema = z.record(z.string().max(200), z.unknown());
const stringsSchema = z.record(z.string().max(200), z.string());

/**
 * Parses a file's bytes; `where` names it in errors.
 * @throws UserError `model` on anything truncated, oversized, overlapping or of another format.
 */
export function parseSafetensors(bytes: Uint8Array, where: string): SafetensorsFile {
  const fail = (why: string): never => {
    throw new UserError('model', `${where}: ${why}`, {
      hint: 'the file is damaged or not a safetensors file; make or copy it again',
    });
  };
  if (bytes.length > MAX_FILE) fail(`is ${bytes.length} bytes; at most ${MAX_FILE} are read`);
  if (bytes.length < 8) fail(`is ${bytes.length} bytes, too short for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER)
    fail(`says its header is ${length} bytes; at most ${MAX_HEADER} are read`);
  if (8 + length > bytes.length)
    fail(`ends within its header (${bytes.length} of ${8 + length} bytes)`);
  const header =
    parseHeader(bytes.subarray(8, 8 + length)) ?? fail('has a header that is not JSON');
  const data = bytes.subarray(8 + length);

  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  let end = 0;
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = stringsSchema.safeParse(value).data ?? fail('has metadata that is not text');
      continue;
    }
    const entry =
      entrySchema.safeParse(value).data ?? fail(`tensor "${name}" has a bad description`);
    const [from, to] = entry.data_offsets;
    const { bytes: width, array } = DTYPES[entry.dtype];
    if (from !== end) fail(`tensor "${name}" overlaps another or leaves a gap`);
    if (to - from !== elementsOf(entry.shape) * width)
      fail(`tensor "${name}" has ${to - from} bytes`);
    if (to > data.length) fail(`ends within tensor "${name}"`);
    end = to;
    // A copy: the slice may be unaligned, and the file's buffer can then be freed.
    // (Uint8Array.from, because slice of a Buffer is a view of the whole file.)
    const copy = Uint8Array.from(data.subarray(from, to));
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, data: new array(copy.buffer) });
  }
  if (end !== data.length) fail(`has ${data.length - end} bytes after its last tensor`);
  return { metadata, tensors };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return headerSchema.safeParse(json).data;
  } catch {
    return undefined;
  }
}

/** Serialises; the same metadata and tensors (in the same order) always give the same bytes. */
export function formatSafetensors(file: SafetensorsFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: file.metadata };
  let end = 0;
  for (const [name, { dtype, shape, data }] of file.tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = JSON.stringify(header);
  const unpadded = new TextEncoder().encode(text);
  const padded = Math.ceil(unpadded.length / ALIGN) * ALIGN;
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(unpadded, 8);
  let at = 8 + padded;
  for (const { data } of file.tensors.values()) {
    bytes.set(bytesOf(data), at);
    at += data.byteLength;
  }
  return bytes;
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
