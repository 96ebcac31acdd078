/** What a WAV file's `fmt ` chunk says, for one of the ways in which samples are stored. */
export interface WavFormat {
  /** WAVE_FORMAT_ number; that of the subformat where the file is WAVE_FORMAT_EXTENSIBLE. */
  readonly tag: number;
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes of one frame (PCM) or of one block (ADPCM). */
  readonly blockAlign: number;
  readonly bits: number;
  /** Frames that an ADPCM block decodes to; 0 where the file does not say. */
  readonly blockFrames: number;
  /** Pairs of predictor coefficients of Microsoft ADPCM. */
  readonly coefficients: readonly (readonly [number, number])[];
}

export interface WavFile {
  readonly format: WavFormat;
  readonly data: Uint8Array;
  /** Frames by the `fact` chunk: the last ADPCM block may hold more. */
  readonly frames: number | undefined;
  readonly littleEndian: boolean;
}

export const WAVE_FORMAT = {
  pcm: 1,
  msAdpcm: 2,
  float: 3,
  aLaw: 6,
  muLaw: 7,
  imaAdpcm: 0x11,
  mpegLayer3: 0x55,
  extensible: 0xfffe,
} as const;

/** A size that a recorder writes first and fills in at its end, or, in RF64, one that `ds64` has. */
const UNKNOWN_SIZE = 0xffff_ffff;
const MAX_CHANNELS = 64;

interface Chunk {
  readonly id: string;
  readonly size: number;
  readonly body: Uint8Array;
}

/** Reads the chunks of a RIFF, RIFX or RF64 file. @throws Error that says what is wrong with it */
export function readWavFile(bytes: Uint8Array): WavFile {
  if (tagAt(bytes, 8) !== 'WAVE') throw new Error('a RIFF file, but not of sound');
  const littleEndian = tagAt(bytes, 0) !== 'RIFX';
  let format: WavFormat | undefined;
  let frames: number | undefined;
  let longSize: number | undefined;
  for (const { id, size, body } of chunks(bytes, littleEndian)) {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    if (id === 'ds64' && body.length >= 16) longSize = Number(view.getBigUint64(8, true));
    if (id === 'fmt ') format = readFormat(view, littleEndian);
    if (id === 'fact' && body.length >= 4) frames = view.getUint32(0, littleEndian);
    if (id !== 'data') continue;
    if (format === undefined) throw new Error('its samples come before their format');
    const length = size === UNKNOWN_SIZE && longSize !== undefined ? longSize : body.length;
    const known = frames === UNKNOWN_SIZE || frames === 0 ? undefined : frames;
    return { format, data: body.subarray(0, length), frames: known, littleEndian };
  }
  throw new Error('it has no samples');
}

function* chunks(bytes: Uint8Array, littleEndian: boolean): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 12;
  while (at + 8 <= bytes.length) {
    const id = tagAt(bytes, at);
    const size = view.getUint32(at + 4, littleEndian);
    const start = at + 8;
    // A recorder that was cut off leaves no size, or one beyond the end: what is there counts.
    const toEnd = size === UNKNOWN_SIZE || (id === 'data' && size === 0 && !isChunk(view, start));
    const end = toEnd ? bytes.length : Math.min(bytes.length, start + size);
    yield { id, size, body: bytes.subarray(start, end) };
    at = end + (size % 2);
  }
}

/** Whether a chunk stands there, whole. */
function isChunk(view: DataView, at: number): boolean {
  if (at + 8 > view.byteLength) return false;
  const id = Array.from({ length: 4 }, (_, i) => view.getUint8(at + i));
  const size = view.getUint32(at + 4, true);
  return id.every((byte) => byte >= 0x20 && byte < 0x7f) && at + 8 + size <= view.byteLength;
}

function tagAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function readFormat(view: DataView, littleEndian: boolean): WavFormat {
  const at = (offset: number): number =>
    offset + 2 <= view.byteLength ? view.getUint16(offset, littleEndian) : 0;
  if (view.byteLength < 16) throw new Error('its format is cut off');
  const first = at(0);
  const extended = first === WAVE_FORMAT.extensible;
  if (extended && view.byteLength < 40) throw new Error('its format is cut off');
  const tag = extended ? at(24) : first;
  const channels = at(2);
  if (channels < 1 || channels > MAX_CHANNELS) throw new Error(`it has ${channels} channels`);
  return {
    tag,
    channels,
    sampleRate: view.getUint32(4, littleEndian),
    blockAlign: at(12),
    bits: at(14),
    blockFrames: at(18),
    coefficients: tag === WAVE_FORMAT.msAdpcm ? readCoefficients(view, littleEndian) : [],
  };
}

function readCoefficients(view: DataView, littleEndian: boolean): WavFormat['coefficients'] {
  const count = view.byteLength >= 22 ? view.getUint16(20, littleEndian) : 0;
  const there = Math.min(count, Math.floor((view.byteLength - 22) / 4));
  return Array.from({ length: Math.max(0, there) }, (_, i) => [
    view.getInt16(22 + 4 * i, littleEndian),
    view.getInt16(24 + 4 * i, littleEndian),
  ]);
}
