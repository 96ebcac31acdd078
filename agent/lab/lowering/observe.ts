import type { Clip } from '../data/dataset.ts';
import { testWindows } from '../evaluation/evaluation.ts';
import type { TrainableNetwork } from '../train/network.ts';

/** What calibration saw of one map. */
export interface Observed {
  readonly min: number;
  readonly max: number;
  /** Mean of each channel. */
  readonly means: Float64Array;
  /** An even sample of the values. */
  readonly sample: Float32Array;
}

/** Windows that calibration runs, and values kept of each map. */
const WINDOWS = 200;
const BATCH = 20;
const VALUES_PER_BATCH = 8000;

/** Runs a float network over an even choice of test windows and notes what each node gave. */
export function observe(network: TrainableNetwork, clips: readonly Clip[]): Map<string, Observed> {
  const window = network.net.input[1];
  const windows = clips.flatMap((clip) => testWindows(clip.samples, window));
  const chosen = Array.from({ length: Math.min(WINDOWS, windows.length) }, (_, i) => {
    return windows[Math.floor((i * windows.length) / Math.min(WINDOWS, windows.length))];
  });
  const notes = new Map<string, Note>();
  for (let at = 0; at < chosen.length; at += BATCH) {
    const batch = chosen.slice(at, at + BATCH);
    const input = new Float32Array(batch.length * window);
    batch.forEach((samples, i) => {
      samples?.forEach((s, j) => {
        input[i * window + j] = s / 32768;
      });
    });
    network.inspect(input, (id, values, channels) => {
      const note = notes.get(id) ?? new Note(channels);
      notes.set(id, note);
      note.add(values);
    });
  }
  return new Map([...notes].map(([id, note]) => [id, note.result()]));
}

class Note {
  readonly #sums: Float64Array;
  readonly #sample: number[] = [];
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(channels: number) {
    this.#sums = new Float64Array(channels);
  }

  add(values: Float32Array): void {
    const channels = this.#sums.length;
    for (let i = 0; i < values.length; i++) {
      const v = values[i] as number;
      this.#min = Math.min(this.#min, v);
      this.#max = Math.max(this.#max, v);
      this.#sums[i % channels] = (this.#sums[i % channels] as number) + v;
    }
    this.#count += values.length / channels;
    // A stride without a common factor with the channels visits all of them.
    let stride = Math.max(1, Math.floor(values.length / VALUES_PER_BATCH));
    while (stride > 1 && channels % stride !== 1 && greatestCommon(stride, channels) > 1) stride++;
    for (let i = 0; i < values.length; i += stride) this.#sample.push(values[i] as number);
  }

  result(): Observed {
    return {
      min: this.#min,
      max: this.#max,
      means: this.#sums.map((s) => s / this.#count),
      sample: Float32Array.from(this.#sample),
    };
  }
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}
