import { explainSystemError } from './system-errors.ts';

/** A failure the user can act on: what went wrong, where, and what mends it. Bugs throw plain errors instead. */
export class UserError extends Error {
  readonly code: string;
  readonly mend: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly mend?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    this.code = code;
    this.mend = options.mend;
  }

  /** The one line shown to a person. */
  get line(): string {
    return this.mend === undefined ? this.message : `${this.message}; ${this.mend}`;
  }
}

/** The sentence of any thrown value, for messages that wrap it. */
export function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.line;
  const explained = explainSystemError(error);
  if (explained !== undefined) return explained.means;
  return error instanceof Error ? error.message : String(error);
}
