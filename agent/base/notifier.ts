/** Wakes whoever waits. A notice that finds no one waiting is remembered once, so that none falls between look and wait. */
export class Notifier {
  #missed = false;
  readonly #waiting = new Set<() => void>();

  notify(): void {
    if (this.#waiting.size === 0) this.#missed = true;
    for (const wake of this.#waiting) wake();
  }

  /** A notice that was missed is news no more. */
  forget(): void {
    this.#missed = false;
  }

  /** Resolves at the next notice (at once if one was missed), when the signal aborts, or after `ms`. */
  async wait(signal?: AbortSignal, ms?: number): Promise<void> {
    if (!this.#missed && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = ms === undefined ? undefined : setTimeout(wake, ms);
        signal?.addEventListener('abort', wake);
        this.#waiting.add(wake);
      });
    }
    this.#missed = false;
  }
}
