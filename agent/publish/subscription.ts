import type { MqttConnection } from './mqtt-connection.ts';
import { pause } from './pause.ts';

/** Connections that may end at it before it is put off until they are calm, and calm ones before it is given up. */
const STRIKES = { early: 2, late: 2 } as const;

export interface SubscriptionOptions {
  readonly topic: string;
  /** How long the broker may take to answer before that is told, in ms. */
  readonly answerMs: number;
  /** Age from which a connection is calm, in ms. */
  readonly calmMs: number;
  /** `undefined`: messages come; else why none do. */
  readonly onState: (problem: string | undefined) => void;
}

/**
 * One topic that is subscribed to on every link. Publishing never waits for it: a broker may refuse it, say nothing, or end
 * the connection at it, which shows only by connections that keep ending there.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #early = 0;
  #late = 0;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Subscribes; resolves once there is an answer or none came in time, or the link is gone. */
  async on(link: MqttConnection, signal: AbortSignal): Promise<void> {
    const { answerMs, calmMs, onState } = this.#options;
    if (this.#late >= STRIKES.late) return onState('the broker ends the connection at it');
    const late = this.#early >= STRIKES.early;
    if (late) await pause(calmMs, signal);
    if (signal.aborted) return;
    const answered = new AbortController();
    const answer = this.#ask(link, late).finally(() => answered.abort());
    await pause(answerMs, AbortSignal.any([signal, answered.signal]));
    if (answered.signal.aborted || signal.aborted) await answer;
    else onState(`no answer to the subscription within ${answerMs / 1000} s`);
  }

  /** Never rejects: a link that ends here is counted, and reported by the service that uses it. */
  async #ask(link: MqttConnection, late: boolean): Promise<void> {
    const { topic, onState } = this.#options;
    try {
      const outcome = await link.subscribe(topic);
      this.#early = 0;
      this.#late = 0;
      onState(outcome.kind === 'acknowledged' ? undefined : outcome.reason);
    } catch {
      const { kind } = await link.closed;
      if (kind !== 'lost' && kind !== 'closed') return;
      if (late) this.#late++;
      else this.#early++;
    }
  }
}
