/** Sizes of networks by their names. */

/** What the image that the 3x3 convolutions read is made by: two 1-D convolutions, or a log-mel spectrogram. */
export type AcdnetFront = 'convolutions' | 'spectrogram';

export interface AcdnetPreset {
  /** Convolutions, as published, if absent. */
  readonly front?: AcdnetFront | undefined;
  /** Output channels of conv1 .. conv11; behind a spectrogram, which takes the place of the first two, conv3 .. conv11. */
  readonly channels: readonly number[];
  /** Output channels of conv12, the 1x1 convolution before the average; as many as classes if absent. */
  readonly conv12?: number | undefined;
}

/** Channel lists by published name, and ours behind a spectrogram; conv12 where it is not the number of classes. */
export const ACDNET_PRESETS = {
  acdnet: { channels: [8, 64, 32, 64, 64, 128, 128, 256, 256, 512, 512] },
  'micro-acdnet': { channels: [7, 20, 10, 14, 22, 31, 35, 41, 51, 67, 69], conv12: 48 },
  'mini-acdnet': { channels: [5, 42, 21, 42, 42, 72, 72, 145, 145, 206, 206] },
  'mel-acdnet': {
    front: 'spectrogram',
    channels: [16, 32, 32, 64, 64, 96, 96, 96, 96],
    conv12: 48,
  },
} as const satisfies Record<string, AcdnetPreset>;

/** The preset of a name, if it is one. */
export function acdnetPreset(name: string): AcdnetPreset | undefined {
  return Object.entries<AcdnetPreset>(ACDNET_PRESETS).find(([key]) => key === name)?.[1];
}

/** What `otolith train --net` and `otolith net new` make unless told otherwise. */
export const MEL_PRESETS = {
  'mel-cnn': { channels: [12, 16, 24, 32, 48] },
  'mel-lstm': { units: 48 },
} as const;
export type MelPreset = keyof typeof MEL_PRESETS;
export const MEL_NAMES = Object.keys(MEL_PRESETS) as readonly MelPreset[];

/** Every architecture that a command may name. */
export const NET_NAMES: readonly string[] = [...Object.keys(ACDNET_PRESETS), ...MEL_NAMES];
