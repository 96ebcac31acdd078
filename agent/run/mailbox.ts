import { Notifier } from '../base/notifier.ts';

/** Holds the newest thing only: what nobody took in time is replaced, and counted. */
export class Mailbox<T> {
  #item: T | undefined;
  readonly #changed = new Notifier();
  #replaced = 0;

  get replaced(): number {
    return this.#replaced;
  }

  put(item: T): void {
    if (this.#item !== undefined) this.#replaced++;
    this.#item = item;
    this.#changed.notify();
  }

  /** Wakes the reader that waits, without an item. */
  wake(): void {
    this.#changed.notify();
  }

  /** The newest item, or undefined when none came within `ms` or before the signal. */
  async take(ms: number, signal: AbortSignal): Promise<T | undefined> {
    if (this.#item === undefined) await this.#changed.wait(signal, ms);
    // What was put is taken: that it came is no news to the next who asks.
    this.#changed.forget();
    const item = this.#item;
    this.#item = undefined;
    return item;
  }
}
