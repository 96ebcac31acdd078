import type { Clip } from '../data/dataset.ts';
import { largest } from '../train/loss.ts';

/** Crops per clip in the paper's evaluation. */
const CROPS = 10;

/** Where the test windows of a clip begin, in samples from its first; below 0 in the silence before it. */
export function testOffsets(samples: number, window: number): readonly number[] {
  const pad = Math.floor(window / 2);
  const step = stepOf(samples + 2 * pad, window);
  return Array.from({ length: CROPS }, (_, i) => i * step - pad);
}

/** The test windows of a clip: half a window of silence on both sides, then evenly spaced crops (ACDNet's program). */
export function testWindows(samples: Int16Array, window: number): readonly Int16Array[] {
  return crops(
    samples,
    window,
    Array.from({ length: CROPS }, (_, i) => i),
  );
}

/** Windows of `windowsBetween`. */
export const BETWEEN = CROPS - 5;

/** Windows midway between the test windows, those at the silent ends left out: other views of the same clip. */
export function windowsBetween(samples: Int16Array, window: number): readonly Int16Array[] {
  return crops(
    samples,
    window,
    Array.from({ length: BETWEEN }, (_, i) => i + 2.5),
  );
}

/** Samples from one test window to the next. */
const stepOf = (padded: number, window: number): number =>
  Math.floor((padded - window) / (CROPS - 1));

/** Windows at multiples of the step that spreads the test windows. */
function crops(samples: Int16Array, window: number, at: readonly number[]): readonly Int16Array[] {
  const pad = Math.floor(window / 2);
  const padded = new Int16Array(samples.length + 2 * pad);
  padded.set(samples, pad);
  const step = stepOf(padded.length, window);
  return at.map((i) => {
    const start = Math.floor(i * step);
    return padded.slice(start, start + window);
  });
}

/** What an evaluation says of a model on some clips. */
export interface Evaluation {
  readonly clips: number;
  /** Clips whose softmax, averaged over the crops, is largest at the right class. */
  readonly correct: number;
  readonly accuracy: number;
  /** 95 % interval of the accuracy (Wilson 1927). */
  readonly interval: readonly [number, number];
  readonly windows: number;
  /** Share of single windows classified rightly, over all crops of all clips. */
  readonly singleWindowAccuracy: number;
  /** [true class][given class], by clip. */
  readonly confusion: readonly (readonly number[])[];
  /** By class; null where there was no clip of it. */
  readonly recall: readonly (number | null)[];
}

/** Gives class probabilities of some windows of one clip, [windows][classes]. */
export type Classify = (windows: readonly Int16Array[], clip: Clip) => Float32Array;

/** Evaluates clip by clip, ten crops each. */
export function evaluateClips(
  clips: readonly Clip[],
  classes: number,
  window: number,
  classify: Classify,
): Evaluation {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let windows = 0;
  let windowsCorrect = 0;
  for (const clip of clips) {
    const probabilities = classify(testWindows(clip.samples, window), clip);
    const sum = new Float64Array(classes);
    for (let row = 0; row < probabilities.length; row += classes) {
      const one = probabilities.subarray(row, row + classes);
      one.forEach((p, c) => {
        sum[c] = (sum[c] ?? 0) + p;
      });
      windows++;
      if (largest(one) === clip.label) windowsCorrect++;
    }
    const row = confusion[clip.label];
    const given = largest(sum);
    if (row !== undefined) row[given] = (row[given] ?? 0) + 1;
  }
  return summarize(confusion, windows, windowsCorrect);
}

/** All figures of an evaluation, from what it counted. */
export function summarize(
  confusion: readonly (readonly number[])[],
  windows: number,
  windowsCorrect: number,
): Evaluation {
  const correct = confusion.reduce((total, row, c) => total + (row[c] ?? 0), 0);
  const clips = confusion.flat().reduce((a, b) => a + b, 0);
  return {
    clips,
    correct,
    accuracy: correct / Math.max(1, clips),
    interval: wilson(correct, clips),
    windows,
    singleWindowAccuracy: windowsCorrect / Math.max(1, windows),
    confusion,
    recall: confusion.map(recallOf),
  };
}

/** Share of a class's clips that were named right; null where there was no clip of it. */
function recallOf(row: readonly number[], label: number): number | null {
  const clips = row.reduce((a, b) => a + b, 0);
  return clips === 0 ? null : (row[label] ?? 0) / clips;
}

/** Wilson's 95 % score interval of a proportion. */
export function wilson(hits: number, total: number): readonly [number, number] {
  if (total === 0) return [0, 1];
  const z = 1.959964;
  const p = hits / total;
  const centre = p + (z * z) / (2 * total);
  const half = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [(centre - half) / scale, (centre + half) / scale];
}

/** One evaluation of several over different clips: the folds of a cross-validation. */
export function pooled(parts: readonly Evaluation[]): Evaluation {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to pool');
  const confusion = first.confusion.map((row, i) =>
    row.map((_, j) => parts.reduce((sum, p) => sum + (p.confusion[i]?.[j] ?? 0), 0)),
  );
  const windows = parts.reduce((sum, p) => sum + p.windows, 0);
  const right = parts.reduce((sum, p) => sum + p.windows * p.singleWindowAccuracy, 0);
  return summarize(confusion, windows, right);
}
