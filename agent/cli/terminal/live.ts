/** Where live lines are shown. */
export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

const HIDE_REST = '\u001b[J';
const up = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);

/** Lines at the bottom of a terminal that change in place, while others scroll past above them. */
export class LiveLines {
  readonly #terminal: Terminal;
  readonly #lines = new Map<unknown, (columns: number) => string>();
  #shown = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** How many lines change in place now. */
  get size(): number {
    return this.#lines.size;
  }

  /** Shows a line of at most so many columns under this key, or takes it away; `draw` brings the change to the screen. */
  set(key: unknown, line: ((columns: number) => string) | undefined): void {
    if (line === undefined) this.#lines.delete(key);
    else this.#lines.set(key, line);
  }

  /** Prints a line that stays, above those that change. */
  print(line: string): void {
    this.#render(`${line}\n`);
  }

  draw(): void {
    this.#render('');
  }

  #render(above: string): void {
    const columns = this.#terminal.columns ?? 80;
    const clear = this.#shown === 0 ? '' : `${up(this.#shown)}${HIDE_REST}`;
    // One column is left free: some terminals wrap a line that ends in the last.
    const lines = [...this.#lines.values()].map((line) => `${line(columns - 1)}\n`);
    this.#shown = lines.length;
    const text = clear + above + lines.join('');
    if (text !== '') this.#terminal.write(text);
  }
}
