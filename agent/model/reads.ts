import type { Model } from './model.ts';

/** What a network makes of the samples before anything that it has learnt. */
export type Reads = 'waveform' | 'log-mel spectrogram';

export function readsOf({ metadata }: Pick<Model, 'metadata'>): Reads {
  return metadata.layers[0]?.kind === 'logMel' ? 'log-mel spectrogram' : 'waveform';
}

/** Whether two networks learn from the same numbers: the samples of the same window, or the same spectrogram of it. */
export function readSame(a: Pick<Model, 'metadata'>, b: Pick<Model, 'metadata'>): boolean {
  const input = ({ metadata }: Pick<Model, 'metadata'>): string => {
    const { sampleRate, input, layers } = metadata;
    const { id: _, from: __, ...settings } = layers[0] ?? { id: '', from: '' };
    const transform = readsOf({ metadata }) === 'waveform' ? 'waveform' : settings;
    return JSON.stringify([sampleRate, input, transform]);
  };
  return input(a) === input(b);
}
