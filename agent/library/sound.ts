import { readRecording } from '../audio/decode/decode.ts';
import { resample, toInt16 } from '../audio/resample.ts';
import { UserError } from '../base/errors.ts';
import type { Classification } from '../engine/compiled-model.ts';
import { trimZeros } from '../lab/data/dataset.ts';
import { testWindows } from '../lab/evaluation/evaluation.ts';
import type { GatewayModel } from './gateway.ts';

/** What a model says of a whole recording. */
export interface SoundClassification {
  readonly label: string;
  /** Index of the label. */
  readonly class: number;
  /** Of each class: the mean over the windows. */
  readonly probabilities: Float64Array;
  /** Ten windows, evenly spaced; the first and the last half in silence. */
  readonly windows: readonly Classification[];
}

/**
 * Reads a recording (WAV, FLAC, Ogg Vorbis, MP3; others where ffmpeg is installed) as one channel of int16 samples, with
 * the exact zeros at both ends cut off.
 * @throws UserError `audio` where it cannot be decoded, `data` where it is silent throughout
 */
export async function readSamples(path: string, sampleRate: number): Promise<Int16Array> {
  const recording = await readRecording(path, path);
  const samples = trimZeros(toInt16(resample(recording.samples, recording.sampleRate, sampleRate)));
  if (samples.length === 0) throw new UserError('data', `${path} is silent throughout`);
  return samples;
}

/** Classifies a recording of any length as `otolith evaluate` does. @throws UserError as `readSamples` does */
export async function classify(compiled: GatewayModel, path: string): Promise<SoundClassification> {
  const { labels, sampleRate } = compiled.model.metadata;
  const samples = await readSamples(path, sampleRate);
  const windows = testWindows(samples, compiled.windowSamples).map((w) => compiled.run(w));
  const probabilities = new Float64Array(labels.length).map(
    (_, c) => windows.reduce((sum, w) => sum + (w.probabilities[c] ?? 0), 0) / windows.length,
  );
  const best = probabilities.indexOf(Math.max(...probabilities));
  return { label: labels[best] ?? String(best), class: best, probabilities, windows };
}
