import type { Pair } from '../../protocol/payloads.ts';
import { Recent } from './recent.ts';
import type { Comparison, NetworkResult } from './window-result.ts';

/** How often two networks have agreed. */
export interface Agreement {
  readonly pair: Pair;
  /** Windows on which they were compared, and on how many of them they agreed. */
  readonly windows: number;
  readonly agreed: number;
}

interface Count {
  readonly recent: Recent<boolean>;
  windows: number;
  agreed: number;
}

/** Compares pairs of networks, window by window. */
export class Comparer {
  #pairs: readonly Pair[];
  readonly #counts = new Map<string, Count>();

  constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  /** Takes other pairs; what `changed` networks were counted with is forgotten. */
  reload(pairs: readonly Pair[], changed: ReadonlySet<string>): void {
    this.#pairs = pairs;
    const kept = new Set(pairs.filter((pair) => !pair.some((name) => changed.has(name))).map(key));
    for (const known of this.#counts.keys()) if (!kept.has(known)) this.#counts.delete(known);
  }

  compare(results: readonly NetworkResult[]): readonly Comparison[] {
    const says = new Map(results.map(({ network, verdict }) => [network.name, verdict.class]));
    return this.#pairs.map((pair) => this.#count(pair, says.get(pair[0]) === says.get(pair[1])));
  }

  get totals(): readonly Agreement[] {
    return this.#pairs.flatMap((pair) => {
      const count = this.#counts.get(key(pair));
      return count === undefined ? [] : [{ pair, windows: count.windows, agreed: count.agreed }];
    });
  }

  #count(pair: Pair, agree: boolean): Comparison {
    const count = this.#counts.get(key(pair)) ?? { recent: new Recent(), windows: 0, agreed: 0 };
    this.#counts.set(key(pair), count);
    count.recent.push(agree);
    count.windows++;
    if (agree) count.agreed++;
    const { values } = count.recent;
    return { pair, agree, share: values.filter(Boolean).length / values.length };
  }
}

const key = (pair: Pair): string => pair.join(' ');
