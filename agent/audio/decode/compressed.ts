import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';
import { checkFormat, checkLength, LIMITS } from './limits.ts';
import { oggPages } from './ogg.ts';
import { mixDown, type Recording } from './recording.ts';

export type Compressed = 'ogg' | 'flac' | 'mpeg';

/** Bytes of FLAC or MPEG; 30 of them may become 2 MB of samples, so that little is decoded between two looks. */
const PORTION = 2048;
/** Most bytes of a FLAC frame's header. */
const FRAME_HEADER = 16;

type Decoder = OggVorbisDecoder | FLACDecoder;
type Decoded = Pick<
  Awaited<ReturnType<Decoder['decode']>>,
  'channelData' | 'samplesDecoded' | 'sampleRate' | 'errors'
>;
/** Decoders that nobody uses; they take long to make. */
const idle: Record<'ogg' | 'flac', Decoder | undefined> = { ogg: undefined, flac: undefined };

/**
 * Decodes Ogg Vorbis, FLAC or MPEG (layers 1 to 3) to the mean of its channels, in portions, so that a small file cannot
 * take all memory. A damaged file may keep the libraries busy for ever: run it where it can be ended (thread.ts).
 * @throws Error with the reason
 */
export async function decodeCompressed(format: Compressed, bytes: Uint8Array): Promise<Recording> {
  switch (format) {
    case 'ogg':
      return decodeStream(format, vorbisPages(bytes));
    case 'flac':
      return decodeStream(format, flacFrames(bytes));
    case 'mpeg':
      return decodeMpeg(bytes);
  }
}

async function decodeStream(format: 'ogg' | 'flac', stream: Stream): Promise<Recording> {
  const { portions, expected } = stream;
  const decoder = idle[format] ?? (format === 'ogg' ? new OggVorbisDecoder() : new FLACDecoder());
  idle[format] = undefined;
  await decoder.ready;
  const mono = new Mono();
  for (const portion of portions) mono.add(await decoder.decode(portion));
  mono.add(await decoder.flush());
  // One that failed may be in any state; flushed, it is as new.
  idle[format] = decoder;
  const { length } = mono;
  if (expected !== undefined && expected !== length) {
    throw new Error(`it holds ${length} of the ${expected} samples that its header promises`);
  }
  return mono.recording();
}

/** The encoder's delay is cut off where the file states it; what is no frame between frames is passed over. */
async function decodeMpeg(bytes: Uint8Array): Promise<Recording> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const mono = new Mono();
  let reason = 'no frame of MPEG audio in it';
  try {
    for (const portion of portionsOf(bytes)) {
      const decoded = decoder.decode(portion);
      reason = decoded.errors[0]?.message ?? reason;
      mono.add({ ...decoded, errors: [] });
    }
  } finally {
    decoder.free();
  }
  if (mono.length === 0) throw new Error(reason);
  return mono.recording();
}

function portionsOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / PORTION);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * PORTION, (i + 1) * PORTION));
}

/** What a decoder is fed, portion by portion, and how many samples it should give, if that is said. */
interface Stream {
  readonly portions: readonly Uint8Array[];
  readonly expected?: number;
}

/** Looks into the first page's packet (Vorbis I, 4.2.2). */
function vorbisPages(bytes: Uint8Array): Stream {
  const at = 27 + (bytes[26] ?? 0);
  const name = String.fromCharCode(...bytes.subarray(at, at + 7));
  if (bytes.length < at + 16) throw new Error('it ends within its header');
  if (name !== '\x01vorbis') throw new Error('it is Ogg but not Vorbis');
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  checkFormat(view.getUint32(12, true), bytes[at + 11] ?? 0, LIMITS.compressedChannels);
  return { portions: [...oggPages(bytes)] };
}

/** The frames behind STREAMINFO (RFC 9639, 8.2) and whatever else stands before them: pictures, tags. */
function flacFrames(bytes: Uint8Array): Stream {
  if (bytes.length < 42) throw new Error('it ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (((bytes[4] ?? 0) & 0x7f) !== 0) throw new Error('it has no description of its stream');
  const packed = view.getUint32(18);
  const rate = packed >>> 12;
  checkFormat(rate, ((packed >>> 9) & 7) + 1);
  const samples = ((bytes[21] ?? 0) & 15) * 2 ** 32 + view.getUint32(22);
  checkLength(samples, rate);
  let at = 4;
  for (let last = false; !last; ) {
    if (at + 4 > bytes.length) throw new Error('it ends within its header');
    const block = view.getUint32(at);
    last = block >>> 31 === 1;
    at += 4 + (block & 0xffffff);
  }
  if (at + FRAME_HEADER > bytes.length) throw new Error('it ends within its header');
  const portions = portionsOf(bytes.subarray(at));
  // The library takes the last frame for whole only before another; at its end it is content with what looks like one.
  portions.push(bytes.subarray(at, at + FRAME_HEADER));
  return samples === 0 ? { portions } : { portions, expected: samples };
}

/** The mean of all channels, portion by portion. */
class Mono {
  readonly #parts: Float32Array[] = [];
  #sampleRate = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add({ channelData, samplesDecoded, sampleRate, errors }: Decoded): void {
    const [error] = errors;
    if (error !== undefined) throw new Error(error.message);
    if (samplesDecoded === 0) return;
    checkFormat(sampleRate, channelData.length, LIMITS.compressedChannels);
    if (this.#sampleRate !== 0 && sampleRate !== this.#sampleRate) {
      throw new Error('it changes its sample rate on the way');
    }
    this.#sampleRate = sampleRate;
    this.#length += samplesDecoded;
    checkLength(this.#length, sampleRate);
    this.#parts.push(mixDown(channelData, samplesDecoded));
  }

  recording(): Recording {
    const samples = new Float32Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      samples.set(part, at);
      at += part.length;
    }
    return { sampleRate: this.#sampleRate, samples };
  }
}
