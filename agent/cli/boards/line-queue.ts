import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Lines that wait for a reader who is slower than they come. */
const MOST_WAITING = 1000;

/** Prints lines in order, holding at most so many back; what comes beyond that is left out, and counted in a line once there is room. */
export class LineQueue {
  readonly #out: Writable;
  readonly #onLost: (lines: number) => void;
  readonly #waiting: string[] = [];
  #lost = 0;
  #writing = Promise.resolve();
  #isWriting = false;

  constructor(out: Writable, onLost: (lines: number) => void) {
    this.#out = out;
    this.#onLost = onLost;
  }

  put(line: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    if (!this.#isWriting) this.#writing = this.#write();
  }

  /** Resolves when everything is handed on. */
  async end(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (;;) {
      const line = this.#waiting.shift();
      if (line === undefined) break;
      if (!this.#out.write(`${line}\n`)) await once(this.#out, 'drain');
    }
    this.#isWriting = false;
    if (this.#lost > 0) this.#onLost(this.#lost);
    this.#lost = 0;
  }
}
