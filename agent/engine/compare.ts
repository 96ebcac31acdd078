import { UserError } from '../errors.ts';
import type { Classification, CompiledModel } from './compiled-model.ts';

/** Two networks on one window. */
export interface Verdict {
  readonly a: Classification;
  readonly b: Classification;
  readonly agree: boolean;
}

/** Two networks on many windows. */
export interface Comparison {
  readonly windows: number;
  readonly agreements: number;
  /** `confusion[i][j]`: windows that the first network calls class i and the second class j. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Compares two networks on the same windows.
 * @throws UserError `compare` unless both take the same windows and know the same classes in the same order.
 */
export class Comparer {
  readonly #a: CompiledModel;
  readonly #b: CompiledModel;
  readonly #confusion: number[][];
  #windows = 0;

  constructor(a: CompiledModel, b: CompiledModel) {
    const [ma, mb] = [a.model.metadata, b.model.metadata];
    const fail = (what: string): never => {
      throw new UserError('compare', `${ma.name} and ${mb.name} ${what}`, {
        hint: 'compare networks that were trained for the same task',
      });
    };
    if (ma.labels.join('\n') !== mb.labels.join('\n')) fail('know different classes');
    if (ma.sampleRate !== mb.sampleRate || a.windowSamples !== b.windowSamples) {
      fail('take different windows');
    }
    this.#a = a;
    this.#b = b;
    this.#confusion = ma.labels.map(() => ma.labels.map(() => 0));
  }

  /** Runs both networks on one window and counts it. */
  run(samples: Int16Array): Verdict {
    const [a, b] = [this.#a.run(samples), this.#b.run(samples)];
    const row = this.#confusion[a.class] ?? [];
    row[b.class] = (row[b.class] ?? 0) + 1;
    this.#windows++;
    return { a, b, agree: a.class === b.class };
  }

  /** What has been counted so far. */
  summary(): Comparison {
    const agreements = this.#confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
    const confusion = this.#confusion.map((row) => [...row]);
    return { windows: this.#windows, agreements, confusion };
  }
}
