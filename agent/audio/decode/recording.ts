/** A decoded recording: mono, -1..1. */
export interface Recording {
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

/** The mean of all channels. */
export function mixDown(channels: readonly Float32Array[], length: number): Float32Array {
  const out = new Float32Array(length);
  for (const channel of channels) {
    for (let i = 0; i < length; i++) out[i] = (out[i] ?? 0) + (channel[i] ?? 0) / channels.length;
  }
  return out;
}

/** A format that is known by its first bytes, but that ffmpeg alone can decode. */
export class Foreign extends Error {
  /** What ffmpeg calls it: its demuxer. */
  readonly demuxer: string;

  constructor(what: string, demuxer: string) {
    super(what);
    this.demuxer = demuxer;
  }
}
