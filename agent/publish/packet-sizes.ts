/** Connections that a size may end before it is sent only while nothing else is under way. */
const STRIKES_TO_SUSPECT = 2;
/** Connections that a size may end before it is never sent again. */
const STRIKES_TO_CONDEMN = 4;
const SIZES_REMEMBERED = 50;

/**
 * Finds out how large a packet the broker takes where it does not say so: MQTT 3.1.1 has no word for it, and brokers end
 * the connection at a packet that is too large, again and again. A size that was acknowledged once is innocent, and so are
 * all when a connection ends elsewhere: a message is not to be given up for a bad line. Pure bookkeeping; what it learns
 * holds as long as the program runs.
 */
export class PacketSizes {
  readonly #strikes = new Map<number, number>();
  #proven = 0;
  #limit = Number.POSITIVE_INFINITY;
  #learning = false;

  /** Largest packet that is worth sending, in bytes. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether sizes are in doubt at all: with MQTT 3.1.1, or after a broker has complained without naming its limit. */
  get learning(): boolean {
    return this.#learning;
  }

  learn(): void {
    this.#learning = true;
  }

  /** Sizes never acknowledged travel alone, so that it is known what a connection ended at. */
  isUnproven(size: number): boolean {
    return this.#learning && size > this.#proven;
  }

  /** Connections ended at it, which may be chance: it is sent once everything else is through. */
  isSuspect(size: number): boolean {
    return this.isUnproven(size) && (this.#strikes.get(size) ?? 0) >= STRIKES_TO_SUSPECT;
  }

  acknowledged(size: number): void {
    this.#proven = Math.max(this.#proven, size);
    for (const known of this.#strikes.keys()) {
      if (known <= this.#proven) this.#strikes.delete(known);
    }
  }

  /** A connection ended for another reason: it is the line that is bad, and no size is suspected for it. */
  endedOtherwise(): void {
    this.#strikes.clear();
  }

  /** The connection ended while this was on its way, alone; `certain` when the broker said that it was too large. */
  endedAt(size: number, certain = false): void {
    if (!this.isUnproven(size)) return;
    const strikes = certain ? STRIKES_TO_CONDEMN : (this.#strikes.get(size) ?? 0) + 1;
    this.#strikes.set(size, strikes);
    if (strikes >= STRIKES_TO_CONDEMN) this.#limit = Math.min(this.#limit, size - 1);
    const [oldest] = this.#strikes.keys();
    if (this.#strikes.size > SIZES_REMEMBERED && oldest !== undefined) this.#strikes.delete(oldest);
  }
}
