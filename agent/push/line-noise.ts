/** Bytes after which what was seen of a line is largely forgotten. */
const MEMORY_BYTES = 12_000;
/** Header, CBOR, framing and the reply: what a chunk puts on the line besides its data, in bytes of data. */
const FIXED_BYTES = 65;

/**
 * How many bytes of data a chunk should carry on a noisy line. Where each byte is corrupt with chance e, a share
 * of exp(-e (c + f)) of the chunks of c bytes gets across, and each takes the time of c + f bytes, f being what it costs
 * besides its data. That carries most for c (c + f) = f / e, with e from what was seen lately.
 */
export class Noise {
  #corrupt = 0;
  #bytes = MEMORY_BYTES;

  /** A chunk of that many bytes of data was answered, or lost. */
  saw(dataBytes: number, lost: boolean): void {
    const bytes = dataBytes + FIXED_BYTES;
    const expected = (this.#corrupt / this.#bytes) * bytes;
    const keep = Math.exp(-bytes / MEMORY_BYTES);
    // A lost chunk had one corrupt byte at least; where many are expected, rather their number.
    const corrupt = expected < 1e-6 ? 1 : expected / -Math.expm1(-expected);
    this.#corrupt = this.#corrupt * keep + (lost ? corrupt : 0);
    this.#bytes = this.#bytes * keep + bytes;
  }

  /** The best size; without bounds on a clean line. */
  get chunkBytes(): number {
    const chance = this.#corrupt / this.#bytes;
    return (Math.sqrt(FIXED_BYTES ** 2 + (4 * FIXED_BYTES) / chance) - FIXED_BYTES) / 2;
  }
}
