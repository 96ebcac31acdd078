import { readFile, stat } from 'node:fs/promises';
import { reasonOf, UserError } from '../../base/errors.ts';
import { decodeForeign } from './ffmpeg.ts';
import { sniff } from './formats.ts';
import { checkFormat, LIMITS } from './limits.ts';
import { Foreign, type Recording } from './recording.ts';
import { decodeInThread } from './thread.ts';
import { decodeWavSamples } from './wav.ts';
import { readWavFile, WAVE_FORMAT } from './wav-file.ts';

export { audioExtensions } from './formats.ts';
export type { Recording } from './recording.ts';

async function decodeWav(bytes: Uint8Array, timeoutMs?: number): Promise<Recording> {
  const file = readWavFile(bytes);
  if (file.format.tag === WAVE_FORMAT.mpegLayer3) {
    return decodeInThread('mpeg', file.data, timeoutMs);
  }
  return decodeWavSamples(file);
}

async function decodeBytes(bytes: Uint8Array, timeoutMs?: number): Promise<Recording> {
  const format = sniff(bytes);
  switch (format.kind) {
    case 'ogg':
    case 'flac':
    case 'mpeg':
      return decodeInThread(format.kind, bytes, timeoutMs);
    case 'wav':
      return decodeWav(bytes, timeoutMs);
    case 'foreign':
      throw new Foreign(format.what, format.demuxer);
    case 'unknown':
      throw new Error('not a format that is known here');
  }
}

/** @throws Error that says what is wrong with what was decoded */
function checked(recording: Recording): Recording {
  const { samples, sampleRate } = recording;
  if (samples.length === 0) throw new Error('it holds no audio');
  checkFormat(sampleRate, 1);
  if (!samples.every(Number.isFinite)) throw new Error('some of its samples are no numbers');
  return recording;
}

export interface DecodeOptions {
  /** The program for what is not decoded here. */
  readonly ffmpeg?: string;
  /** ms for what is decoded in a thread; by its size if absent. */
  readonly timeoutMs?: number;
}

/**
 * Decodes a recording of 1 to 384 kHz, an hour at most (limits.ts), to mono, told apart by content: Ogg Vorbis, FLAC, MP3, and WAV as
 * PCM, floating point, A-law, mu-law, IMA or Microsoft ADPCM; M4A, AIFF and others by ffmpeg where that is installed.
 * Fails with a UserError (code `audio-decode`) that names the file when it is damaged, foreign, oversized or empty.
 */
export async function decodeAudio(
  bytes: Uint8Array,
  name: string,
  { ffmpeg = 'ffmpeg', timeoutMs }: DecodeOptions = {},
): Promise<Recording> {
  try {
    const recording = await decodeBytes(bytes, timeoutMs).catch((error: unknown) => {
      if (error instanceof Foreign) return decodeForeign(bytes, error, ffmpeg);
      throw error;
    });
    return checked(recording);
  } catch (cause) {
    const hint = cause instanceof UserError ? cause.hint : HINT;
    const reason = cause instanceof UserError ? cause.message : reasonOf(cause);
    throw new UserError('audio-decode', `${name} cannot be decoded (${reason})`, {
      ...(hint === undefined ? {} : { hint }),
      cause,
    });
  }
}

const HINT = 'give a WAV, FLAC, Ogg Vorbis or MP3 file that plays elsewhere';

/** Reads and decodes a file. @throws UserError `audio-read`, `audio-decode` */
export async function readRecording(path: string, name: string): Promise<Recording> {
  let bytes: Uint8Array;
  try {
    const found = await stat(path);
    const most = LIMITS.fileBytes;
    if (!found.isFile()) throw new Error('it is no file');
    if (found.size > most) throw new Error(`it has ${found.size} bytes; at most ${most} are read`);
    bytes = await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? reasonOf(cause)})`;
    throw new UserError('audio-read', `${name} ${why}`, { cause });
  }
  return decodeAudio(bytes, name);
}
