import { Notifier } from '../base/notifier.ts';

/** A retained message and its topic. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: string;
}

/**
 * The latest message of each retained topic, and which of them the broker does not have yet. However often one changes
 * while the broker is slow or away, it waits once.
 */
export class Retained {
  readonly #payloads = new Map<string, string>();
  readonly #unsent = new Set<string>();
  readonly #changed = new Notifier();

  set({ topic, payload }: RetainedMessage): void {
    this.#payloads.set(topic, payload);
    this.sendAgain(topic);
  }

  sendAgain(topic: string): void {
    this.#unsent.add(topic);
    this.#changed.notify();
  }

  /** Messages that the broker does not have yet, but for those on their way. */
  get waiting(): number {
    return this.#unsent.size;
  }

  /** Someone else has sent it. */
  sent(topic: string): void {
    this.#unsent.delete(topic);
  }

  sendAllAgain(): void {
    for (const topic of this.#payloads.keys()) this.#unsent.add(topic);
    this.#changed.notify();
  }

  /** One that is to be sent; it counts as sent from now on. */
  take(): RetainedMessage | undefined {
    const [topic] = this.#unsent;
    if (topic === undefined) return undefined;
    this.#unsent.delete(topic);
    return { topic, payload: this.#payloads.get(topic) ?? '' };
  }

  /** Resolves when there may be something to take, or when the signal aborts. One waiter at a time. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changed.wait(signal);
  }
}
