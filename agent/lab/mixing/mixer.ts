import { UserError } from '../../base/errors.ts';
import { TrainingRandom } from '../../tape/random.ts';
import { Loudness, loudestFrame } from './loudness.ts';

/** Clips to mix, all samples in one shared buffer so that a worker need not copy them. */
export interface MixSource {
  readonly samples: Int16Array;
  /** Start of each clip in `samples`, and one past the last. */
  readonly offsets: readonly number[];
  readonly labels: readonly number[];
  readonly classes: number;
  readonly sampleRate: number;
  /** Samples of one window. */
  readonly window: number;
}

/** A batch of windows in -1..1 [count][window] with their soft labels [count][classes]. */
export interface MixedBatch {
  readonly windows: Float32Array;
  readonly labels: Float32Array;
}

/** Largest factor of the time scaling, and largest gain in dB (ACDNet's program). */
const SCALE = 1.25;
const GAIN_DB = 6;

/** Between-class examples with every augmentation of the paper; one object per thread (it owns scratch space). */
export class Mixer {
  readonly #source: MixSource;
  /** A-weighted power of each clip's frames. */
  readonly #frames: readonly Float64Array[];
  readonly #first: Float32Array;
  readonly #second: Float32Array;

  constructor(source: MixSource) {
    this.#source = source;
    const loudness = new Loudness(source.sampleRate);
    this.#frames = source.labels.map((_, clip) => {
      const { offsets, samples } = source;
      const part = samples.subarray(offsets[clip], offsets[clip + 1]);
      return loudness.frames(Float32Array.from(part, (x) => x / 32768));
    });
    this.#first = new Float32Array(source.window);
    this.#second = new Float32Array(source.window);
  }

  /** The same key gives the same batch, whatever was drawn before. */
  batch(count: number, ...key: readonly number[]): MixedBatch {
    const { window, classes } = this.#source;
    const random = new TrainingRandom(...key);
    const windows = new Float32Array(count * window);
    const labels = new Float32Array(count * classes);
    for (let i = 0; i < count; i++) {
      this.#mix(
        random,
        windows.subarray(i * window, (i + 1) * window),
        labels.subarray(i * classes, (i + 1) * classes),
      );
    }
    return { windows, labels };
  }

  #mix(random: TrainingRandom, out: Float32Array, label: Float32Array): void {
    const { labels } = this.#source;
    const a = random.below(labels.length);
    let b = random.below(labels.length);
    while (labels[b] === labels[a]) b = random.below(labels.length);
    const difference = this.#crop(random, a, this.#first) - this.#crop(random, b, this.#second);
    const ratio = random.uniform();
    const t = 1 / (1 + 10 ** (difference / 20) * ((1 - ratio) / ratio));
    const gain = 10 ** (random.uniform(-GAIN_DB, GAIN_DB) / 20);
    const norm = gain / Math.sqrt(t * t + (1 - t) * (1 - t)) / 32768;
    const ta = t * norm;
    const tb = (1 - t) * norm;
    const [first, second] = [this.#first, this.#second];
    for (let i = 0; i < out.length; i++) {
      out[i] = (first[i] as number) * ta + (second[i] as number) * tb;
    }
    label[labels[a] ?? 0] = ratio;
    label[labels[b] ?? 0] = 1 - ratio;
  }

  /** Time scaling by linear interpolation, half a window of silence on both sides, random crop (int16 units); gives its loudness. */
  #crop(random: TrainingRandom, clip: number, out: Float32Array): number {
    const { samples, offsets, window } = this.#source;
    const start = offsets[clip] ?? 0;
    const length = (offsets[clip + 1] ?? 0) - start;
    const scale = SCALE ** random.uniform(-1, 1);
    const scaled = Math.floor(length * scale);
    const pad = Math.floor(window / 2);
    const from = random.below(scaled + 2 * pad - window + 1) - pad;
    const begin = Math.max(0, -from);
    const end = Math.min(window, scaled - from);
    out.fill(0);
    // Below the last sample every position has a right neighbour, so the loop needs no bounds.
    const inner = Math.min(end, Math.floor((length - 1) * scale) - from);
    const step = 1 / scale;
    for (let i = begin; i < inner; i++) {
      const position = (from + i) * step;
      const whole = position | 0;
      const left = samples[start + whole] as number;
      const right = samples[start + whole + 1] as number;
      out[i] = left + (right - left) * (position - whole);
    }
    if (end > begin) out.fill(samples[start + length - 1] ?? 0, Math.max(begin, inner), end);
    return loudestFrame(this.#frames[clip] ?? EMPTY, from / scale, (from + window) / scale);
  }
}

const EMPTY = new Float64Array();

/** Copies clips into one shared buffer. @throws UserError `data` where they are not of two classes at least */
export function mixSource(
  clips: readonly { readonly samples: Int16Array; readonly label: number }[],
  shape: Pick<MixSource, 'classes' | 'sampleRate' | 'window'>,
): MixSource {
  // A mixture's second clip is drawn until its class is another than the first's.
  if (new Set(clips.map((c) => c.label)).size < 2) {
    throw new UserError('data', `${clips.length} clips, and not of two classes: nothing to mix`, {
      hint: 'give clips of two classes or more',
    });
  }
  const total = clips.reduce((sum, c) => sum + c.samples.length, 0);
  const samples = new Int16Array(new SharedArrayBuffer(total * 2));
  const offsets = [0];
  let at = 0;
  for (const clip of clips) {
    samples.set(clip.samples, at);
    at += clip.samples.length;
    offsets.push(at);
  }
  return { samples, offsets, labels: clips.map((c) => c.label), ...shape };
}
