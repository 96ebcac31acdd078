import { MPEGDecoder } from 'mpg123-decoder';
import { mixDown, type Recording } from './recording.ts';

/** Decodes MP1, MP2 or MP3, with the encoder's delay cut off where the file tells it. */
export async function decodeMpeg(bytes: Uint8Array): Promise<Recording> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    const { channelData, samplesDecoded, sampleRate, errors } = quietly(() =>
      decoder.decode(bytes),
    );
    const [first] = errors;
    if (samplesDecoded === 0) throw new Error(first?.message ?? 'no frame of MPEG audio in it');
    return { sampleRate, samples: mixDown(channelData, samplesDecoded) };
  } finally {
    decoder.free();
  }
}

/** The decoder prints what it also returns; nothing else can print during a call that does not wait. */
function quietly<T>(work: () => T): T {
  const { error } = console;
  console.error = () => {};
  try {
    return work();
  } finally {
    console.error = error;
  }
}
