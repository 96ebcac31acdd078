export interface WavOptions {
  readonly samples: Int16Array;
  readonly sampleRate?: number;
  /** WAVE_FORMAT_EXTENSIBLE, with the format inside. */
  readonly extensible?: boolean;
}

/** A WAV file of 16 bits, mono. */
export function wavFile({ samples, sampleRate = 44_100, extensible = false }: WavOptions) {
  const header = extensible ? 40 : 16;
  const bytes = new Uint8Array(28 + header + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string): void => bytes.set(Buffer.from(word, 'latin1'), at);
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, header, true);
  view.setUint16(20, extensible ? 0xfffe : 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  if (extensible) {
    view.setUint16(36, 22, true);
    view.setUint16(38, 16, true);
    bytes.set(Buffer.from('0100000000001000800000aa00389b71', 'hex'), 44);
  }
  text(20 + header, 'data');
  view.setUint32(24 + header, samples.length * 2, true);
  samples.forEach((value, i) => {
    view.setInt16(28 + header + 2 * i, value, true);
  });
  return bytes;
}
