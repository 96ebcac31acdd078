import { Notifier } from '../base/notifier.ts';

/** A bounded queue between a callback that must not wait and a consumer that may: the oldest go when it is full. */
export class BoundedQueue<T> {
  readonly #limit: number;
  readonly #items: T[] = [];
  readonly #changed = new Notifier();
  #ended = false;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Items thrown away because the consumer was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    if (this.#items.length > this.#limit) {
      this.#items.shift();
      this.#dropped++;
    }
    this.#changed.notify();
  }

  /** No more items will come; what is there can still be taken. */
  end(): void {
    this.#ended = true;
    this.#changed.notify();
  }

  /** The next item; undefined after the end. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#ended) await this.#changed.wait();
    return this.#items.shift();
  }
}
