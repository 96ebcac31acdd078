import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { reasonOf, UserError } from '../../errors.ts';
import { decodeForeign } from './ffmpeg.ts';
import { sniff } from './formats.ts';
import { decodeMpeg } from './mpeg.ts';
import { Foreign, mixDown, type Recording } from './recording.ts';
import { decodeWavSamples } from './wav.ts';
import { readWavFile, WAVE_FORMAT } from './wav-file.ts';

export { audioExtensions } from './formats.ts';
export type { Recording } from './recording.ts';

/** Rates that recorders have; a header that says another is damaged. */
const RATES = { lowest: 1000, highest: 384_000 } as const;

async function decodeCompressed(
  decoder: OggVorbisDecoder | FLACDecoder,
  bytes: Uint8Array,
): Promise<Recording> {
  await decoder.ready;
  try {
    const { channelData, sampleRate, samplesDecoded, errors } = await decoder.decodeFile(bytes);
    const [first] = errors;
    if (first !== undefined) throw new Error(first.message);
    return { sampleRate, samples: mixDown(channelData, samplesDecoded) };
  } finally {
    decoder.free();
  }
}

async function decodeWav(bytes: Uint8Array): Promise<Recording> {
  const file = readWavFile(bytes);
  if (file.format.tag === WAVE_FORMAT.mpegLayer3) return decodeMpeg(file.data);
  return decodeWavSamples(file);
}

async function decodeBytes(bytes: Uint8Array): Promise<Recording> {
  const format = sniff(bytes);
  switch (format.kind) {
    case 'ogg':
      return decodeCompressed(new OggVorbisDecoder(), bytes);
    case 'flac':
      return decodeCompressed(new FLACDecoder(), bytes);
    case 'wav':
      return decodeWav(bytes);
    case 'mpeg':
      return decodeMpeg(bytes);
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
  if (!Number.isInteger(sampleRate) || sampleRate < RATES.lowest || sampleRate > RATES.highest) {
    throw new Error(
      `its sample rate is ${sampleRate} Hz, and ${RATES.lowest} to ${RATES.highest} can be`,
    );
  }
  if (!samples.every(Number.isFinite)) throw new Error('some of its samples are no numbers');
  return recording;
}

export interface DecodeOptions {
  /** The program for what is not decoded here. */
  readonly ffmpeg?: string;
}

/**
 * Decodes a recording of any rate and channel count to mono, told apart by content: Ogg Vorbis, FLAC, MP3, and WAV as
 * PCM, floating point, A-law, mu-law, IMA or Microsoft ADPCM; M4A, AIFF and others by ffmpeg where that is installed.
 * Fails with a UserError (code `audio-decode`) that names the file when it is damaged, foreign or empty.
 */
export async function decodeAudio(
  bytes: Uint8Array,
  name: string,
  { ffmpeg = 'ffmpeg' }: DecodeOptions = {},
): Promise<Recording> {
  try {
    const recording = await decodeBytes(bytes).catch((error: unknown) => {
      if (error instanceof Foreign) return decodeForeign(bytes, error, ffmpeg);
      throw error;
    });
    return checked(recording);
  } catch (cause) {
    const mend = cause instanceof UserError ? cause.mend : MEND;
    const reason = cause instanceof UserError ? cause.message : reasonOf(cause);
    throw new UserError('audio-decode', `${name} cannot be decoded (${reason})`, {
      ...(mend === undefined ? {} : { mend }),
      cause,
    });
  }
}

const MEND = 'give a WAV, FLAC, Ogg Vorbis or MP3 file that plays elsewhere';
