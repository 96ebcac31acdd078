const REMEMBERED = 500;

/** Says each thing once until it is told to forget; counts what it kept to itself. */
export class Notices {
  readonly #report: (text: string) => void;
  readonly #said = new Set<string>();
  #kept = 0;

  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** Things kept back since the last `forget`. */
  get kept(): number {
    return this.#kept;
  }

  say(text: string, key = text): void {
    if (this.#said.has(key)) {
      this.#kept++;
      return;
    }
    this.#said.add(key);
    const [oldest] = this.#said;
    if (this.#said.size > REMEMBERED && oldest !== undefined) this.#said.delete(oldest);
    this.#report(text);
  }

  /** The key may be said again. */
  unsay(key: string): boolean {
    return this.#said.delete(key);
  }

  forget(): void {
    this.#said.clear();
    this.#kept = 0;
  }
}
