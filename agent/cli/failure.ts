import { CommanderError } from 'commander';
import { printable } from '../../protocol/printable.ts';
import { reasonOf, UserError } from '../base/errors.ts';
import { explainSystemError } from '../base/system-errors.ts';

/** Exit codes of the program. */
export const EXIT = {
  failed: 1,
  wrongCommandLine: 2,
  /** A bug, as sysexits.h has it. */
  bug: 70,
  /** What a shell reports of a program that nobody reads any more (128 + SIGPIPE): nothing claims that it finished. */
  unread: 141,
} as const;

/** What each exit code means, for the help. */
export const EXIT_CODES: readonly (readonly [code: string, means: string])[] = [
  ['0', 'done'],
  [`${EXIT.failed}`, 'failed (one line says why)'],
  [`${EXIT.wrongCommandLine}`, 'the command line is wrong'],
  [`${EXIT.bug}`, 'a bug in otolith'],
  [`${EXIT.unread}`, 'nobody reads its output any more (it has not finished)'],
];

/** A failure as scripts get it: `hint` is how to fix it, null where nobody can say. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** What is printed of a failure, and the exit code. */
export interface Failure {
  readonly lines: readonly string[];
  readonly facts: ErrorFacts;
  readonly exitCode: number;
}

/**
 * One line for whatever a person can act on. All else is a bug, which says so before its stack, since that is what a
 * report needs.
 */
export function failureOf(error: unknown): Failure {
  const facts = factsOf(error);
  if (error instanceof CommanderError) {
    // Commander has printed it.
    const exitCode = error.exitCode === 0 ? 0 : EXIT.wrongCommandLine;
    return { lines: [], facts, exitCode };
  }
  const { code, message, hint } = facts;
  if (code !== BUG) {
    const line = error instanceof UserError ? error.line : `${message}; ${hint}`;
    return { lines: [`otolith: ${line}`], facts, exitCode: EXIT.failed };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const head = `otolith: this is a bug in otolith (${message}); please report it with what is below`;
  return { lines: [head, ...stack.split('\n').map(printable)], facts, exitCode: EXIT.bug };
}

const BUG = 'bug';

/** The same failure in parts. Codes of the command line are `usage`, of the system its own, such as `eacces`. */
export function factsOf(error: unknown): ErrorFacts {
  if (error instanceof CommanderError) {
    const [first = '', ...rest] = error.message.split('\n');
    const hint = rest.join(' ').replace(/^\((.*)\)$/, '$1');
    return {
      code: 'usage',
      message: first.replace(/^error: /, ''),
      hint: hint === '' ? 'otolith --help lists what there is' : hint,
    };
  }
  if (error instanceof UserError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  }
  const explained = explainSystemError(error);
  if (explained !== undefined) {
    const { means, hint, code } = explained;
    return { code: code.toLowerCase(), message: means, hint: hint };
  }
  return { code: BUG, message: firstLine(reasonOf(error)), hint: 'please report it' };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
