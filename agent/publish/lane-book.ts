/** Which sequence numbers of a lane are given out, settled and waiting. Pure bookkeeping. */
export class LaneBook {
  readonly #settled = new Set<number>();
  #first: number;
  #next: number;

  /** The lowest number that waits, and the one to be given out next. */
  constructor(first = 0, next = first) {
    this.#first = first;
    this.#next = next;
  }

  /** Everything below is settled. */
  get first(): number {
    return this.#first;
  }

  get waiting(): number {
    return this.#next - this.#first - this.#settled.size;
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
