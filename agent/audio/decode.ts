import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import wavefile from 'wavefile';
import { reasonOf, UserError } from '../errors.ts';

/** A decoded recording: mono, -1..1. */
export interface Recording {
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

/** File name endings that can be decoded. */
export const audioExtensions: readonly string[] = ['.ogg', '.oga', '.flac', '.wav'];

type Format = 'ogg' | 'flac' | 'wav' | 'unknown';

function sniff(bytes: Uint8Array): Format {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic === 'OggS') return 'ogg';
  if (magic === 'fLaC') return 'flac';
  return magic === 'RIFF' || magic === 'RIFX' || magic === 'RF64' ? 'wav' : 'unknown';
}

/** The mean of all channels. */
function mixDown(channels: readonly Float32Array[], length: number): Float32Array {
  const out = new Float32Array(length);
  for (const channel of channels) {
    for (let i = 0; i < length; i++) out[i] = (out[i] ?? 0) + (channel[i] ?? 0) / channels.length;
  }
  return out;
}

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

function decodeWav(bytes: Uint8Array): Recording {
  const wav = new wavefile.WaveFile(bytes);
  const { sampleRate, numChannels } = wav.fmt as { sampleRate: number; numChannels: number };
  wav.toBitDepth('32f');
  const all = wav.getSamples(true, Float32Array) as unknown as Float32Array;
  const length = Math.floor(all.length / numChannels);
  const samples = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let c = 0; c < numChannels; c++) sum += all[i * numChannels + c] ?? 0;
    samples[i] = sum / numChannels;
  }
  return { sampleRate, samples };
}

async function decodeBytes(bytes: Uint8Array): Promise<Recording> {
  const format = sniff(bytes);
  switch (format) {
    case 'ogg':
      return decodeCompressed(new OggVorbisDecoder(), bytes);
    case 'flac':
      return decodeCompressed(new FLACDecoder(), bytes);
    case 'wav':
      return decodeWav(bytes);
    case 'unknown':
      throw new Error('neither Ogg Vorbis, FLAC nor WAV');
  }
}

/**
 * Decodes an Ogg Vorbis, FLAC or WAV file of any rate and channel count to mono; told apart by content.
 * Fails with a UserError (code `audio-decode`) that names the file when it is damaged, foreign or empty.
 */
export async function decodeAudio(bytes: Uint8Array, name: string): Promise<Recording> {
  const mend = 'give an Ogg Vorbis, FLAC or WAV file that plays elsewhere';
  let recording: Recording;
  try {
    recording = await decodeBytes(bytes);
  } catch (cause) {
    throw new UserError('audio-decode', `${name} cannot be decoded (${reasonOf(cause)})`, {
      mend,
      cause,
    });
  }
  if (recording.samples.length === 0 || !(recording.sampleRate > 0)) {
    throw new UserError('audio-decode', `${name} holds no audio`, { mend });
  }
  return recording;
}
