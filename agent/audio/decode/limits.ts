/** What a recording may be: beyond it lies no sound that anyone classifies, and memory or time without bound. */
export const LIMITS = {
  /** Hz. */
  lowestRate: 1000,
  highestRate: 384_000,
  channels: 64,
  /** Of Ogg Vorbis and FLAC. */
  compressedChannels: 8,
  /** Of all channels that are in memory at once: 512 MiB; 46 minutes of one channel at 48 kHz. */
  samples: 2 ** 27,
  seconds: 3600,
  fileBytes: 2 ** 29,
} as const;

/**
 * Refuses what no recording is.
 * @throws Error with the reason, which the caller gives with the file's name.
 */
export function checkFormat(
  sampleRate: number,
  channels: number,
  most: number = LIMITS.channels,
): void {
  const { lowestRate, highestRate } = LIMITS;
  if (!(sampleRate >= lowestRate && sampleRate <= highestRate && Number.isInteger(sampleRate))) {
    throw new Error(
      `its sample rate is ${sampleRate} Hz, and ${lowestRate} to ${highestRate} can be`,
    );
  }
  if (!(channels >= 1 && channels <= most)) {
    throw new Error(`it has ${channels} channels, and 1 to ${most} can be`);
  }
}

/** Refuses a recording that would not fit into memory. @throws Error with the reason */
export function checkLength(samples: number, sampleRate: number, channels = 1): void {
  const most = Math.min(LIMITS.samples / channels, LIMITS.seconds * sampleRate);
  if (samples <= most) return;
  const minutes = Math.floor(most / sampleRate / 60);
  const what = channels === 1 ? '' : ` with ${channels} channels`;
  throw new Error(`it is longer than the ${minutes} minutes that are read${what}; cut it`);
}
