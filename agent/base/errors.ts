import { printable } from '../../protocol/printable.ts';
import { explainSystemError } from './system-errors.ts';

/** A failure the user can act on: what went wrong, where, and how to fix it. Bugs throw plain errors instead. */
export class UserError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly #severalLines: boolean;

  constructor(
    code: string,
    message: string,
    options: {
      readonly hint?: string;
      readonly cause?: unknown;
      /** Newlines of the message are its own, not those of a name in it. */
      readonly severalLines?: boolean;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    this.code = code;
    this.hint = options.hint;
    this.#severalLines = options.severalLines ?? false;
  }

  /** The one line shown to a person: whatever names and texts of others it repeats, it is one, and harmless to a terminal. */
  get line(): string {
    const text = this.hint === undefined ? this.message : `${this.message}; ${this.hint}`;
    const lines = this.#severalLines ? text.split('\n') : [text];
    return lines.map((line) => printable(shortened(line))).join('\n');
  }
}

/** Characters of a line; files and boards may hold names of any length. */
const LONGEST = 2000;

function shortened(line: string): string {
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}...`;
}

/** The sentence of any thrown value, for messages that wrap it. */
export function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.line;
  const explained = explainSystemError(error);
  if (explained !== undefined) return explained.means;
  return error instanceof Error ? error.message : String(error);
}
