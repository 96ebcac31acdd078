import type { Notices } from './notices.ts';
import type { Outcome } from './reasons.ts';

/** How often the broker may say "not now" to one message before it is given up; a quota has no such bound. */
const TRIES = 5;

/** What to do with a publication that the broker has answered. */
export type Verdict = 'done' | 'again';

/** Counts by reason what the broker refuses, and decides what is worth another try. */
export class Refusals {
  readonly #notices: Notices;
  readonly #dropped = new Map<string, number>();
  readonly #tries = new Map<string, number>();
  #retried = 0;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Messages given up because the broker refused them, by the standard's name of the reason. */
  get byReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#dropped);
  }

  get dropped(): number {
    return [...this.#dropped.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Times that a message was put off because the broker did not take it then. */
  get retried(): number {
    return this.#retried;
  }

  /** `key` names the message among those under way. */
  judge(outcome: Outcome, topic: string, key: string): Verdict {
    if (outcome.kind === 'deferred') {
      const tries = (this.#tries.get(key) ?? 0) + 1;
      if (outcome.persistent || tries < TRIES) {
        this.#tries.set(key, tries);
        this.#retried++;
        this.#notices.say(`${topic} is put off: ${outcome.reason}`);
        return 'again';
      }
    }
    this.#tries.delete(key);
    if (outcome.kind !== 'acknowledged') this.#drop(outcome, topic);
    return 'done';
  }

  #drop(outcome: Exclude<Outcome, { kind: 'acknowledged' }>, topic: string): void {
    const { reason } = outcome;
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
    const why = 'detail' in outcome ? outcome.detail : reason;
    const text = `${topic} was refused and dropped: ${why}; more of these are only counted`;
    this.#notices.say(text, `${topic} ${reason}`);
  }
}
