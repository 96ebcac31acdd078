/** Holds the newest thing only: what nobody took in time is replaced, and counted. */
export class Mailbox<T> {
  #item: T | undefined;
  #wake: (() => void) | undefined;
  #replaced = 0;

  get replaced(): number {
    return this.#replaced;
  }

  put(item: T): void {
    if (this.#item !== undefined) this.#replaced++;
    this.#item = item;
    this.#wake?.();
  }

  /** Lets whoever waits look again, without an item. */
  wake(): void {
    this.#wake?.();
  }

  /** The newest item, or undefined when none came within `ms` or before the signal. */
  async take(ms: number, signal: AbortSignal): Promise<T | undefined> {
    if (this.#item === undefined && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener('abort', done);
        this.#wake = done;
      });
    }
    const item = this.#item;
    this.#item = undefined;
    return item;
  }
}
