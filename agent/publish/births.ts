/** Home Assistant's births, in ms: how long to wait for more of them, and the least time between two answers. */
export const BIRTHS = { waitMs: 1000, gapMs: 10_000 } as const;
export type BirthPace = { readonly [K in keyof typeof BIRTHS]: number };

/** Answers many births that come together, or keep coming, once in a while. */
export class Births {
  readonly #pace: BirthPace;
  readonly #answer: () => void;
  #timer: NodeJS.Timeout | undefined;
  #heard = false;

  constructor(pace: BirthPace, answer: () => void) {
    this.#pace = pace;
    this.#answer = answer;
  }

  born(): void {
    this.#heard = true;
    if (this.#timer === undefined) this.#after(this.#pace.waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #after(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#heard) return;
      this.#heard = false;
      this.#answer();
      this.#after(this.#pace.gapMs);
    }, ms);
  }
}
