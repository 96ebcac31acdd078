/** Numbers of a constant C array. */
export interface PackedArray {
  readonly type: 'int8_t' | 'uint8_t' | 'int16_t' | 'uint16_t' | 'int32_t' | 'uint32_t';
  readonly values: ArrayLike<number>;
}

const BYTES = { int8_t: 1, uint8_t: 1, int16_t: 2, uint16_t: 2, int32_t: 4, uint32_t: 4 } as const;
const WIDTH = 100;

/** A C string literal of any text: nothing in it can end the literal, or mean something to a compiler. */
export function cString(text: string): string {
  const plain = (byte: number): boolean =>
    byte >= 0x20 && byte < 0x7f && !['"', '\\', '?'].includes(String.fromCharCode(byte));
  const escaped = Array.from(Buffer.from(text, 'utf8'), (byte) =>
    plain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  return `"${escaped.join('')}"`;
}

/** C text as it is written, line by line. */
export class CSource {
  readonly #lines: string[] = [];
  #constantBytes = 0;

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** Bytes of the constant arrays so far. */
  get constantBytes(): number {
    return this.#constantBytes;
  }

  put(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** A named constant array, wrapped. */
  array(name: string, { type, values }: PackedArray): void {
    const list = Array.from(values);
    this.#constantBytes += list.length * BYTES[type];
    this.put(`static const ${type} ${name}[${list.length}] OTO_ALIGN(16) = {`);
    let line = '   ';
    for (const value of list) {
      const number = value === -(2 ** 31) ? 'INT32_MIN' : `${value}`;
      const text = ` ${number}${type === 'uint32_t' ? 'u' : ''},`;
      if (line.length + text.length > WIDTH) {
        this.put(line);
        line = '   ';
      }
      line += text;
    }
    this.put(line, '};');
  }
}
