import { reasonOf, UserError } from '../base/errors.ts';
import { codeOf, type Damage } from './outbox-store.ts';

/** Why an outbox cannot be opened, and how to fix it. */
export function openFailure(directory: string, cause: unknown): UserError {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const reason = reasonOf(inner);
  const hint = /No space left|ENOSPC/.test(reason)
    ? 'free some room on that disk'
    : 'make gateway.stateDir writable for this user';
  const locked =
    'stop the other otolith that runs on it, or give this one its own gateway.stateDir';
  return new UserError('outbox', `the outbox ${directory} cannot be opened (${reason})`, {
    hint: codeOf(cause) === 'LEVEL_LOCKED' ? locked : hint,
    cause,
  });
}

/** What became of a damaged store, for people. */
export function damageText({ lost, kept, aside }: Damage): string {
  const gone = lost === undefined ? 'how many are lost is not known' : `${lost} are lost`;
  return `the store was damaged: ${kept} waiting messages could be read, ${gone}; the damaged files are kept as ${aside}`;
}
