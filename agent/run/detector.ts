import type { Pair } from '../../protocol/payloads.ts';
import type { Config } from '../config/schema.ts';
import type { Detection, NetworkResult } from './window-result.ts';

type Rules = Pick<Config['detection'], 'threshold' | 'windows' | 'cooldown' | 'classes'>;

/** Whose verdict makes a detection: one network's, by its name, or that of two where they agree. */
export type Follows = { readonly network: string } | { readonly pair: Pair };

/** What counts for a detection in one window. */
interface Input {
  readonly class: string;
  readonly confidence: number;
}

/** Turns verdicts into detections: a threshold, so many windows in a row, and a pause per class afterwards. */
export class Detector {
  #rules: Rules;
  #follows: Follows;
  readonly #last = new Map<string, number>();
  #run: { readonly class: string; readonly count: number } | undefined;

  constructor(rules: Rules, follows: Follows) {
    this.#rules = rules;
    this.#follows = follows;
  }

  /** Takes new rules; a run of windows that counted by the old ones ends. */
  reload(rules: Rules, follows: Follows): void {
    this.#rules = rules;
    this.#follows = follows;
    this.interrupt();
  }

  /** Takes the verdicts on the next window (`at`: ms since 1970); gives a detection when this one completes it. */
  detect(results: readonly NetworkResult[], at: number): Detection | undefined {
    const input = inputOf(results, this.#follows);
    if (input === undefined) return this.interrupt();
    const rule = this.#rules.classes[input.class];
    const threshold = rule?.threshold ?? this.#rules.threshold;
    if (rule?.enabled === false || input.confidence < threshold) return this.interrupt();
    const count = this.#run?.class === input.class ? this.#run.count + 1 : 1;
    this.#run = { class: input.class, count };
    if (count < this.#rules.windows || this.#cools(input.class, at)) return undefined;
    this.#last.set(input.class, at);
    const network = 'pair' in this.#follows ? 'agree' : this.#follows.network;
    const pair = 'pair' in this.#follows ? { pair: this.#follows.pair } : {};
    return { ...input, network, ...pair, windows: count };
  }

  /** What comes next does not continue what was. */
  interrupt(): undefined {
    this.#run = undefined;
  }

  /** A clock that was set back ends every pause: better one detection too many than none for years. */
  #cools(name: string, at: number): boolean {
    const last = this.#last.get(name);
    const cooldown = this.#rules.classes[name]?.cooldown ?? this.#rules.cooldown;
    return last !== undefined && at >= last && at - last < cooldown;
  }
}

/** The verdict of the network that is followed, or of two where they agree; as sure as the less sure of them. */
function inputOf(results: readonly NetworkResult[], follows: Follows): Input | undefined {
  const names = 'pair' in follows ? follows.pair : [follows.network];
  const verdicts = results
    .filter(({ network }) => names.includes(network.name))
    .map(({ verdict }) => verdict);
  const [first] = verdicts;
  if (first === undefined || verdicts.length < names.length) return undefined;
  if (verdicts.some((verdict) => verdict.class !== first.class)) return undefined;
  const confidence = Math.min(...verdicts.map((verdict) => verdict.confidence));
  return { class: first.class, confidence };
}
