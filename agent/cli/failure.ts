import { CommanderError } from 'commander';
import { printable } from '../../protocol/printable.ts';
import { reasonOf, UserError } from '../errors.ts';
import { explainSystemError } from '../system-errors.ts';

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

/** What is printed of a failure, and the exit code. */
export interface Failure {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/**
 * One line for whatever a person can act on. All else is a bug, which says so before its stack, since that is what a
 * report needs.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    // Commander has printed it.
    return { lines: [], exitCode: error.exitCode === 0 ? 0 : EXIT.wrongCommandLine };
  }
  if (error instanceof UserError) return failed(error.line);
  const explained = explainSystemError(error);
  if (explained !== undefined) return failed(`${explained.means}; ${explained.mend}`);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    lines: [
      `otolith: this is a bug in otolith (${firstLine(reasonOf(error))}); please report it with what is below`,
      ...stack.split('\n').map(printable),
    ],
    exitCode: EXIT.bug,
  };
}

function failed(line: string): Failure {
  return { lines: [`otolith: ${line}`], exitCode: EXIT.failed };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
