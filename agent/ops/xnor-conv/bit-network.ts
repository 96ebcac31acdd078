/**
 * A binary convolution as straight-line code on words whose bits are positions: weights and thresholds are constants of
 * the code, so an XNOR is at most a choice between an operator and its complement. Used where channels are few and
 * positions many (the front end).
 */
export interface BitNetwork {
  /** Statements over `x[i]` (inputs) that assign `out[n]`; `V` is the type of a word. */
  readonly lines: readonly string[];
  /** Logic operations, loads and stores not counted. */
  readonly operations: number;
}

/** A value that is the named variable, or its complement. */
interface Literal {
  readonly name: string;
  readonly not: boolean;
}

const complement = (a: Literal): Literal => ({ name: a.name, not: !a.not });

/**
 * @param weights per output channel, one sign (0 or 1) per input
 * @param limits per output channel, the bit is 1 where fewer than this many inputs differ from their weights
 */
export function bitNetwork(
  weights: readonly (readonly number[])[],
  limits: readonly number[],
): BitNetwork {
  const code = new Code();
  const inputs = weights[0]?.length ?? 0;
  for (let i = 0; i < inputs; i++) code.assign(`x${i}`, `x[${i}]`);
  weights.forEach((signs, n) => {
    code.comment(`channel ${n}`);
    const planes = code.countDiffering(signs);
    code.store(n, code.lessThan(planes, limits[n] ?? 0));
  });
  return code.live();
}

/** One statement: what it assigns, or the text that stays in any case. */
interface Statement {
  readonly name: string | undefined;
  readonly text: string;
  readonly isOperation: boolean;
}

class Code {
  readonly #statements: Statement[] = [];
  #next = 0;
  /** Expressions that have a variable already; what several channels need is computed once. */
  readonly #known = new Map<string, string>();

  assign(name: string, expression: string): void {
    const text = `const V ${name} = ${expression};`;
    this.#statements.push({ name, text, isOperation: !expression.includes('[') });
  }

  comment(text: string): void {
    this.#statements.push({ name: undefined, text: `/* ${text} */`, isOperation: false });
  }

  /** The statements that some output depends on: the highest carries are often never asked for. */
  live(): BitNetwork {
    const needed = new Set<string>();
    const kept: Statement[] = [];
    for (const statement of [...this.#statements].reverse()) {
      if (statement.name !== undefined && !needed.has(statement.name)) continue;
      for (const [name] of statement.text.matchAll(/\b[xt]\d+\b/g)) needed.add(name);
      kept.push(statement);
    }
    kept.reverse();
    const operations = kept.filter((s) => s.isOperation).length;
    return { lines: kept.map((s) => s.text), operations };
  }

  store(channel: number, value: Literal | boolean): void {
    const text =
      typeof value === 'boolean'
        ? value
          ? '~(x0 ^ x0)'
          : 'x0 ^ x0'
        : `${value.not ? '~' : ''}${value.name}`;
    this.#statements.push({
      name: undefined,
      text: `out[${channel}] = ${text};`,
      isOperation: false,
    });
  }

  #value(expression: string): string {
    const known = this.#known.get(expression);
    if (known !== undefined) return known;
    const name = `t${this.#next++}`;
    this.#known.set(expression, name);
    this.assign(name, expression);
    return name;
  }

  #xor(a: Literal, b: Literal): Literal {
    const [p, q] = [a.name, b.name].sort();
    return { name: this.#value(`${p} ^ ${q}`), not: a.not !== b.not };
  }

  /** a & b, as one operation: and, and-not, or a complemented or. */
  #and(a: Literal, b: Literal): Literal {
    const [p, q] = [a, b].sort((m, n) => (m.name < n.name ? -1 : 1));
    if (p === undefined || q === undefined) return a;
    if (p.not && q.not) return { name: this.#value(`${p.name} | ${q.name}`), not: true };
    if (p.not) return { name: this.#value(`${q.name} & ~${p.name}`), not: false };
    if (q.not) return { name: this.#value(`${p.name} & ~${q.name}`), not: false };
    return { name: this.#value(`${p.name} & ${q.name}`), not: false };
  }

  #or(a: Literal, b: Literal): Literal {
    return complement(this.#and(complement(a), complement(b)));
  }

  /** Sum and majority of three bits in five operations: maj = s ^ (u | v) with u = a ^ b, v = a ^ c, s = u ^ c. */
  #fullAdder(a: Literal, b: Literal, c: Literal): readonly [sum: Literal, carry: Literal] {
    const u = this.#xor(a, b);
    const v = this.#xor(a, c);
    const sum = this.#xor(u, c);
    return [sum, this.#xor(sum, this.#or(u, v))];
  }

  #halfAdder(a: Literal, b: Literal): readonly [sum: Literal, carry: Literal] {
    return [this.#xor(a, b), this.#and(a, b)];
  }

  /** Binary digits, lowest first, of the number of inputs that differ from their signs. */
  countDiffering(signs: readonly number[]): readonly Literal[] {
    // The first level adds fixed triples of inputs, so that channels share it: only complements differ.
    const columns: Literal[][] = [[], []];
    const literals = signs.map((sign, i) => ({ name: `x${i}`, not: sign === 1 }));
    for (let i = 0; i < literals.length; i += 3) {
      const [a, b, c] = [literals[i], literals[i + 1], literals[i + 2]];
      if (a !== undefined && b !== undefined && c !== undefined) {
        const [sum, carry] = this.#fullAdder(a, b, c);
        columns[0]?.push(sum);
        columns[1]?.push(carry);
      } else {
        columns[0]?.push(...literals.slice(i));
      }
    }
    const digits: Literal[] = [];
    for (let k = 0; k < columns.length; k++) {
      const column = columns[k] ?? [];
      if (column.length === 0) break;
      const carries = columns[k + 1] ?? [];
      digits.push(this.#reduce(column, carries));
      if (carries.length > 0) columns[k + 1] = carries;
    }
    return digits;
  }

  /** Adds up one column of equal weight to one digit; carries go to the next. */
  #reduce(column: readonly Literal[], carries: Literal[]): Literal {
    const queue = [...column];
    for (;;) {
      const [a, b, c] = queue;
      if (a === undefined) throw new Error('an empty column');
      if (b === undefined) return a;
      if (c === undefined) {
        const [sum, carry] = this.#halfAdder(a, b);
        carries.push(carry);
        return sum;
      }
      queue.splice(0, 3);
      const [sum, carry] = this.#fullAdder(a, b, c);
      queue.push(sum);
      carries.push(carry);
    }
  }

  /** digits < limit, from the lowest digit up. */
  lessThan(digits: readonly Literal[], limit: number): Literal | boolean {
    if (limit <= 0) return false;
    if (limit >= 2 ** digits.length) return true;
    let less: Literal | boolean = false;
    digits.forEach((digit, k) => {
      const zero = complement(digit);
      if (((limit >> k) & 1) === 1)
        less = typeof less === 'boolean' ? (less ? true : zero) : this.#or(zero, less);
      else less = typeof less === 'boolean' ? (less ? zero : false) : this.#and(zero, less);
    });
    return less;
  }
}
