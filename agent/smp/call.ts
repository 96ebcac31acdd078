import type { z } from 'zod';
import { outcomeOf, refusalWords, smpError } from '../../protocol/smp/reply.ts';
import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import type { Request, Session } from './session.ts';

/** A request with what its reply must look like and how much patience it deserves. */
export interface Call<T> extends Request {
  /** What it does, for messages: "reading the image list". */
  readonly task: string;
  readonly reply: z.ZodType<T>;
  /** Gives up when the board has sent nothing at all for this long, in ms. */
  readonly patienceMs?: number;
  /** Longest wait for one reply, where it is known to take long; else learned from earlier replies. */
  readonly replyMs?: number;
}

export type CallResult<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'refused'; readonly group: number | undefined; readonly code: number }
  | { readonly type: 'wrong-reply'; readonly why: string }
  | { readonly type: 'no-answer'; readonly silentMs: number }
  | { readonly type: 'lost'; readonly why: string };

export const PATIENCE_MS = 10_000;
/** However alive the line is, a request that never gets through ends here. */
export const LIMIT_MS = 300_000;
const BUSY_FIRST_MS = 50;
const BUSY_MAX_MS = 1000;

/**
 * Repeats a request until it is answered: after silence, after corrupt frames, and when the board says it is busy.
 * Repeats carry the same sequence number, so that a late answer to an earlier one counts.
 */
export async function tryCall<T>(
  session: Session,
  call: Call<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<CallResult<T>> {
  const sequence = session.nextSequence();
  const begun = clock.now();
  const patience = call.patienceMs ?? PATIENCE_MS;
  let busyMs = BUSY_FIRST_MS;
  for (;;) {
    signal.throwIfAborted();
    const attempt = await session.attempt(call, sequence, call.replyMs);
    if (attempt.type === 'lost') return attempt;
    if (attempt.type === 'reply') {
      const outcome = outcomeOf(attempt.value.body);
      if (outcome.type === 'done') return checked(call, outcome.body);
      const again = outcome.group === undefined && isPassing(outcome.code);
      if (!again || clock.now() - begun > patience) return outcome;
      await clock.sleep(busyMs, signal);
      busyMs = Math.min(BUSY_MAX_MS, busyMs * 2);
    } else {
      const now = clock.now();
      const silentMs = now - Math.max(begun, session.lastSignOfLife);
      if (silentMs > patience || now - begun > LIMIT_MS) return { type: 'no-answer', silentMs };
    }
  }
}

function isPassing(code: number): boolean {
  return code === smpError.busy || code === smpError.nomem;
}

function checked<T>(call: Call<T>, body: unknown): CallResult<T> {
  const parsed = call.reply.safeParse(body);
  if (parsed.success) return { type: 'done', value: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
  return { type: 'wrong-reply', why: where };
}

/** The failure of a call as a sentence for the user. */
export function callError(
  name: string,
  task: string,
  result: Exclude<CallResult<never>, { readonly type: 'done' }>,
): UserError {
  const what = `${task} on ${name}`;
  switch (result.type) {
    case 'refused':
      return new UserError(
        'board-refused',
        `${what}: the board refused: ${refusalWords(result.group, result.code)}`,
      );
    case 'wrong-reply':
      return new UserError('board-reply', `${what}: the reply makes no sense (${result.why})`, {
        hint: 'is this an SMP server?',
      });
    case 'no-answer':
      return new UserError(
        'board-silent',
        `${what}: no answer for ${Math.round(result.silentMs / 1000)} s`,
        { hint: 'check the cable and the baud rate, or press reset' },
      );
    case 'lost':
      return new UserError('board-lost', `${what}: the port was lost (${result.why})`, {
        hint: 'plug the board in again',
      });
    default:
      return result satisfies never;
  }
}
