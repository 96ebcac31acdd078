import { operatorOf } from '../ops/registry.ts';
import type { Model } from './model.ts';

/** What a network makes of a window before anything that it has learnt: "waveform", or what a transform makes of it. */
export function readsOf({ metadata }: Pick<Model, 'metadata'>): string {
  const [first] = metadata.layers;
  return (first === undefined ? undefined : operatorOf(first).transform) ?? WAVEFORM;
}

const WAVEFORM = 'waveform';

/** Whether two networks learn from the same numbers: the samples of the same window, or the same transform of it. */
export function readSame(a: Pick<Model, 'metadata'>, b: Pick<Model, 'metadata'>): boolean {
  return inputOf(a) === inputOf(b);
}

function inputOf({ metadata }: Pick<Model, 'metadata'>): string {
  const { sampleRate, input, layers } = metadata;
  const reads = readsOf({ metadata });
  const { id: _, from: __, ...settings } = layers[0] ?? { id: '', from: '' };
  return JSON.stringify([sampleRate, input, reads === WAVEFORM ? reads : settings]);
}
