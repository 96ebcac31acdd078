import type { Config } from '../config/schema.ts';

/** What counts for a detection in one window. */
export interface Heard {
  readonly window: string;
  /** When the window began: ms since 1970. */
  readonly at: number;
  readonly class: string;
  readonly confidence: number;
}

export interface Found extends Heard {
  /** Windows in a row that said so. */
  readonly windows: number;
}

type Rules = Pick<Config['detection'], 'threshold' | 'windows' | 'cooldown' | 'classes'>;

/** Turns verdicts into detections: a threshold, so many windows in a row, and a pause per class afterwards. */
export class Detector {
  readonly #rules: Rules;
  readonly #last = new Map<string, number>();
  #run: { readonly class: string; readonly count: number } | undefined;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Takes the verdict on the next window; gives a detection when this one completes it. */
  push(heard: Heard): Found | undefined {
    const rule = this.#rules.classes[heard.class];
    const threshold = rule?.threshold ?? this.#rules.threshold;
    if (rule?.enabled === false || heard.confidence < threshold) return this.interrupt();
    const count = this.#run?.class === heard.class ? this.#run.count + 1 : 1;
    this.#run = { class: heard.class, count };
    if (count < this.#rules.windows || this.#cools(heard)) return undefined;
    this.#last.set(heard.class, heard.at);
    return { ...heard, windows: count };
  }

  /** What comes next does not continue what was. */
  interrupt(): undefined {
    this.#run = undefined;
  }

  /** A clock that was set back ends every pause: better one detection too many than none for years. */
  #cools({ class: name, at }: Heard): boolean {
    const last = this.#last.get(name);
    const cooldown = this.#rules.classes[name]?.cooldown ?? this.#rules.cooldown;
    return last !== undefined && at >= last && at - last < cooldown;
  }
}
