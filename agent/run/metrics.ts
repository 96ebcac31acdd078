import type { NetworkKind, Payload } from '../../protocol/topics.ts';
import type { Clip } from '../audio/source.ts';

/** Windows over which agreement and latency are told. */
const RECENT = 100;

/** The last so many values of something. */
export class Recent<T> {
  readonly #limit: number;
  readonly #values: T[] = [];

  constructor(limit = RECENT) {
    this.#limit = limit;
  }

  push(value: T): void {
    this.#values.push(value);
    if (this.#values.length > this.#limit) this.#values.shift();
  }

  get values(): readonly T[] {
    return this.#values;
  }
}

/** Median and 95th percentile (nearest rank) of the last values. */
export function spread(values: readonly number[]): { median: number; p95: number; of: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { median: rank(0.5), p95: rank(0.95), of: sorted.length };
}

interface Score {
  correct: number;
  of: number;
}

/** How often the networks are right where the truth is known: by window, and by clip (mean of its windows). */
export class Accuracy {
  readonly #windows = new Map<NetworkKind, Score>();
  readonly #clips = new Map<NetworkKind, Score>();
  readonly #sums = new Map<NetworkKind, Float64Array>();

  /** Counts one window. */
  window(network: NetworkKind, given: string, truth: string): void {
    count(this.#windows, network, given === truth);
  }

  /** Adds a window's probabilities to its clip. */
  add(network: NetworkKind, probabilities: Float64Array): void {
    const sum = this.#sums.get(network) ?? new Float64Array(probabilities.length);
    this.#sums.set(
      network,
      sum.map((x, i) => x + (probabilities[i] ?? 0)),
    );
  }

  /** The clip has ended: counts it, where its label is one of the classes. */
  endClip({ label }: Clip, classesOf: (network: NetworkKind) => readonly string[]): void {
    for (const [network, sum] of this.#sums) {
      const classes = classesOf(network);
      if (label === undefined || !classes.includes(label)) continue;
      count(this.#clips, network, classes[sum.indexOf(Math.max(...sum))] === label);
    }
    this.#sums.clear();
  }

  summary(): Pick<Payload<'accuracy'>, 'windows' | 'clips'> {
    return { windows: Object.fromEntries(this.#windows), clips: Object.fromEntries(this.#clips) };
  }
}

function count(scores: Map<NetworkKind, Score>, network: NetworkKind, right: boolean): void {
  const { correct, of } = scores.get(network) ?? { correct: 0, of: 0 };
  scores.set(network, { correct: correct + (right ? 1 : 0), of: of + 1 });
}
