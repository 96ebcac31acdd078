/** Which sequence numbers of a lane are given out, settled and waiting. Pure bookkeeping. */
export class SequenceLedger {
  readonly #settled = new Set<number>();
  #first: number;
  #next: number;

  /** The lowest number that waits, and the one to be given out next. */
  constructor(first = 0, next = first) {
    this.#first = first;
    this.#next = next;
  }

  /** A ledger in which just these numbers (ascending, below `next`) wait. */
  static of(waiting: readonly number[], next: number): SequenceLedger {
    const ledger = new SequenceLedger(waiting[0] ?? next, next);
    let expected = ledger.first;
    for (const sequence of [...waiting, next]) {
      while (expected < sequence) ledger.#settled.add(expected++);
      expected++;
    }
    return ledger;
  }

  /** Everything below is settled. */
  get first(): number {
    return this.#first;
  }

  /** The number to be given out next. */
  get next(): number {
    return this.#next;
  }

  get waiting(): number {
    return this.#next - this.#first - this.#settled.size;
  }

  /** The numbers that wait, ascending. */
  get numbers(): readonly number[] {
    const numbers: number[] = [];
    for (let sequence = this.#first; sequence < this.#next; sequence++) {
      if (!this.#settled.has(sequence)) numbers.push(sequence);
    }
    return numbers;
  }

  /** Settled numbers above `first`, as runs: distance from it, and how many. */
  get gaps(): readonly (readonly [distance: number, count: number])[] {
    const runs: [number, number][] = [];
    for (const sequence of [...this.#settled].sort((a, b) => a - b)) {
      const distance = sequence - this.#first;
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === distance) last[1]++;
      else runs.push([distance, 1]);
    }
    return runs;
  }

  /** Gives out the next number. */
  take(): number {
    return this.#next++;
  }

  /** The number has arrived, or was given up; false when that was known. */
  settle(sequence: number): boolean {
    if (sequence < this.#first || this.#settled.has(sequence)) return false;
    this.#settled.add(sequence);
    while (this.#settled.delete(this.#first)) this.#first++;
    return true;
  }

  /** Gives up the oldest until no more than `limit` numbers span from the first to the last. */
  trim(limit: number): readonly number[] {
    const given: number[] = [];
    while (this.#next - this.#first > limit) {
      given.push(this.#first);
      this.settle(this.#first);
    }
    return given;
  }
}
