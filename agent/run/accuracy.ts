import type { Payload } from '../../protocol/topics.ts';
import type { Clip } from '../audio/source.ts';

interface Score {
  correct: number;
  of: number;
}

/** Probabilities of a clip's windows so far, and the classes that they are of. */
interface Sum {
  readonly probabilities: Float64Array;
  readonly classes: readonly string[];
}

/** How often networks are right where the truth is known: by window, and by clip (mean of its windows). */
export class Accuracy {
  readonly #windows = new Map<string, Score>();
  readonly #clips = new Map<string, Score>();
  readonly #sums = new Map<string, Sum>();

  /** Counts one window. */
  window(network: string, given: string, truth: string): void {
    count(this.#windows, network, given === truth);
  }

  /** Adds a window's probabilities, one for each class, to its clip. */
  add(network: string, probabilities: Float64Array, classes: readonly string[]): void {
    const sum = this.#sums.get(network)?.probabilities;
    const added = probabilities.map((x, i) => x + (sum?.[i] ?? 0));
    this.#sums.set(network, { probabilities: added, classes });
  }

  /** The clip has ended: counts it for each network that knows its label. */
  endClip({ label }: Clip): void {
    for (const [network, { probabilities, classes }] of this.#sums) {
      if (label === undefined || !classes.includes(label)) continue;
      const likeliest = classes[probabilities.indexOf(Math.max(...probabilities))];
      count(this.#clips, network, likeliest === label);
    }
    this.#sums.clear();
  }

  /** Nothing of this network counts any more. */
  forget(network: string): void {
    for (const counts of [this.#windows, this.#clips, this.#sums]) counts.delete(network);
  }

  summary(): Pick<Payload<'accuracy'>, 'windows' | 'clips'> {
    return { windows: Object.fromEntries(this.#windows), clips: Object.fromEntries(this.#clips) };
  }
}

function count(scores: Map<string, Score>, network: string, right: boolean): void {
  const { correct, of } = scores.get(network) ?? { correct: 0, of: 0 };
  scores.set(network, { correct: correct + (right ? 1 : 0), of: of + 1 });
}
