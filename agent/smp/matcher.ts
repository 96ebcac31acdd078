/** What became of one attempt at a request. */
export type Attempt<T> =
  | { readonly type: 'reply'; readonly value: T }
  /** Nothing came in time. */
  | { readonly type: 'silence' }
  /** Something came while this was the only request under way, but noise had corrupted it. */
  | { readonly type: 'corrupt' }
  | { readonly type: 'lost'; readonly why: string };

interface Waiting<T> {
  readonly settle: (attempt: Attempt<T>) => void;
}

/** Brings replies to the requests they answer, by a key; what nobody waits for is counted. */
export class Matcher<T> {
  readonly #waiting = new Map<string, Waiting<T>>();
  unmatched = 0;

  get size(): number {
    return this.#waiting.size;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Waits for the reply with this key, which must not be waited for already. */
  wait(key: string): Promise<Attempt<T>> {
    if (this.#waiting.has(key)) throw new Error(`two requests under ${key}`);
    return new Promise((resolve) => {
      this.#waiting.set(key, {
        settle: (attempt) => {
          this.#waiting.delete(key);
          resolve(attempt);
        },
      });
    });
  }

  reply(key: string, value: T): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.unmatched += 1;
    else waiting.settle({ type: 'reply', value });
  }

  settle(key: string, attempt: Attempt<T>): void {
    this.#waiting.get(key)?.settle(attempt);
  }

  /** Ends all waiting. */
  settleAll(attempt: Attempt<T>): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle(attempt);
  }
}
