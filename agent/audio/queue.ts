/** A bounded queue between a callback that must not wait and a consumer that may: the oldest go when it is full. */
export class BoundedQueue<T> {
  readonly #limit: number;
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;
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
    this.#wake?.();
  }

  /** No more items will come; what is there can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next item; undefined after the end. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#items.shift();
  }
}
