import { decodeIma, decodeMs } from './adpcm.ts';
import { checkFormat, checkLength } from './limits.ts';
import { Foreign, mixDown, type Recording } from './recording.ts';
import { WAVE_FORMAT, type WavFile } from './wav-file.ts';

/** Samples of WAV in every form that field recorders and data sets use. @throws Foreign on any other */
export function decodeWavSamples(file: WavFile): Recording {
  const { sampleRate, channels: count, bits } = file.format;
  checkFormat(sampleRate, count);
  checkLength((8 * file.data.length) / (Math.max(4, bits) * count), sampleRate, count);
  const channels = channelsOf(file);
  const length = channels[0]?.length ?? 0;
  return { sampleRate, samples: mixDown(channels, Math.min(length, file.frames ?? length)) };
}

function channelsOf(file: WavFile): readonly Float32Array[] {
  const { format, data } = file;
  switch (format.tag) {
    case WAVE_FORMAT.pcm:
      return unpack(file, pcmReader(file));
    case WAVE_FORMAT.float:
      return unpack(file, floatReader(file));
    case WAVE_FORMAT.aLaw:
      return unpack(file, { bytes: 1, at: (i) => (A_LAW[data[i] ?? 0] ?? 0) / 32768 });
    case WAVE_FORMAT.muLaw:
      return unpack(file, { bytes: 1, at: (i) => (MU_LAW[data[i] ?? 0] ?? 0) / 32768 });
    case WAVE_FORMAT.imaAdpcm:
      return decodeIma(format, data).map(toFloat);
    case WAVE_FORMAT.msAdpcm:
      return decodeMs(format, data).map(toFloat);
    default:
      throw new Foreign(`WAV of format 0x${format.tag.toString(16)}`, 'wav');
  }
}

const toFloat = (samples: Int16Array): Float32Array => Float32Array.from(samples, (x) => x / 32768);

/** How one sample is stored. */
interface Reader {
  readonly bytes: number;
  /** The sample, -1..1, whose first byte this is. */
  readonly at: (offset: number) => number;
}

function viewOf({ data }: WavFile): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** Bytes of a stored sample: more than its bits need where a file leaves room. */
function bytesOf({ channels, blockAlign, bits }: WavFile['format']): number {
  const stored = blockAlign / channels;
  return Number.isInteger(stored) && stored * 8 >= bits && stored > 0
    ? stored
    : Math.ceil(bits / 8);
}

/** Up to 8 bits are unsigned, more are signed; where bits are left over, the lowest ones are. */
function pcmReader(file: WavFile): Reader {
  const view = viewOf(file);
  const little = file.littleEndian;
  const bytes = bytesOf(file.format);
  switch (bytes) {
    case 1:
      return { bytes, at: (i) => (view.getUint8(i) - 128) / 128 };
    case 2:
      return { bytes, at: (i) => view.getInt16(i, little) / 2 ** 15 };
    case 3:
      return {
        bytes,
        at: little
          ? (i) => (view.getInt8(i + 2) * 65536 + view.getUint16(i, true)) / 2 ** 23
          : (i) => (view.getInt16(i) * 256 + view.getUint8(i + 2)) / 2 ** 23,
      };
    case 4:
      return { bytes, at: (i) => view.getInt32(i, little) / 2 ** 31 };
    default:
      throw new Error(`it has samples of ${file.format.bits} bits`);
  }
}

function floatReader(file: WavFile): Reader {
  const view = viewOf(file);
  const bytes = bytesOf(file.format);
  if (bytes === 4) return { bytes, at: (i) => view.getFloat32(i, file.littleEndian) };
  if (bytes === 8) return { bytes, at: (i) => view.getFloat64(i, file.littleEndian) };
  throw new Error(`it has floating-point samples of ${file.format.bits} bits`);
}

function unpack({ format, data }: WavFile, { bytes, at }: Reader): readonly Float32Array[] {
  const { channels } = format;
  const frame = Math.max(format.blockAlign, bytes * channels);
  const frames = Math.floor(data.length / frame);
  return Array.from({ length: channels }, (_, c) => {
    const out = new Float32Array(frames);
    for (let i = 0; i < frames; i++) out[i] = at(i * frame + c * bytes);
    return out;
  });
}

/** ITU-T G.711, in 16 bits. */
const MU_LAW = Int16Array.from({ length: 256 }, (_, byte) => {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
  return code & 0x80 ? -magnitude : magnitude;
});
const A_LAW = Int16Array.from({ length: 256 }, (_, byte) => {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = ((code & 15) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return code & 0x80 ? magnitude : -magnitude;
});
