const REMEMBERED = 500;

/** Says each thing once until it is told to forget; counts what it kept to itself. */
export class Notices {
  readonly #report: (text: string) => void;
  readonly #reported = new Set<string>();
  #kept = 0;

  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** Things kept back since the last `forget`. */
  get kept(): number {
    return this.#kept;
  }

  say(text: string, key = text): void {
    if (this.#reported.has(key)) {
      this.#kept++;
      return;
    }
    this.#reported.add(key);
    const [oldest] = this.#reported;
    if (this.#reported.size > REMEMBERED && oldest !== undefined) this.#reported.delete(oldest);
    this.#report(text);
  }

  /** The key may be said again. */
  unsay(key: string): boolean {
    return this.#reported.delete(key);
  }

  forget(): void {
    this.#reported.clear();
    this.#kept = 0;
  }
}
