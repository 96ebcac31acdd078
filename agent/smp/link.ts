import { echoReplySchema, OS_GROUP, osCommand } from '../../protocol/smp/os.ts';
import type { BoardInfo } from '../../protocol/vendor.ts';
import type { Clock } from '../base/clock.ts';
import { reasonOf, UserError } from '../base/errors.ts';
import { explainSystemError } from '../base/system-errors.ts';
import { type Call, type CallResult, callError, tryCall } from './call.ts';
import { askWho, differenceOf, type Identity, identityOf } from './identity.ts';
import type { OpenPort } from './port.ts';
import { Session, type SessionOptions } from './session.ts';

export type BoardLinkState =
  | { readonly type: 'up' }
  | { readonly type: 'down'; readonly why: string; readonly retryMs: number };

export interface BoardLinkOptions extends SessionOptions {
  /** Prepares what opening needs, once, such as the firmware of an emulated board. */
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
  readonly open: OpenPort;
  /** Idle time after which the board is asked whether it is there; 0 never asks. */
  readonly heartbeatMs?: number;
  /** How long a heartbeat may stay unanswered. */
  readonly heartbeatPatienceMs?: number;
  readonly onState?: (state: BoardLinkState) => void;
  /** How long a call waits for a lost port to come back before it fails. */
  readonly reopenMs?: number;
  /** The same for a port that was never open; 0 fails at the first refusal. */
  readonly firstOpenMs?: number;
}

const HEARTBEAT_MS = 5000;
const REOPEN_MS = 30_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5000;
/** Each attempt to start an emulator costs a process. */
const EMULATOR_BACKOFF_MAX_MS = 300_000;
/** Failures to open that may pass by themselves; others (an unknown board, a missing tool) end the link. */
const PASSING = new Set([
  ...['port-gone', 'port-busy', 'port-denied', 'board-absent', 'board-other', 'board-silent'],
  ...['board-lost', 'board-reply', 'emulator'],
]);
const OPENING_POLL_MS = 200;
const HEARTBEAT_PATIENCE_MS = 10_000;

/** How long a board that came back may take to say who it is: it may be starting, or swapping images. */
const RECOGNITION_MS = 30_000;

/**
 * A board that stays ours across unplugging: opens the port, notices its loss (by an error or by unanswered heartbeats,
 * since some adapters never report it), and opens it again with growing pauses. Once the board has said who it is, only
 * that very board is taken back.
 */
export class BoardLink {
  readonly #options: BoardLinkOptions;
  readonly #clock: Clock;
  #session: Session | undefined;
  #why = 'its port has not opened';
  #prepared = false;
  /** An attempt to open is under way. */
  #opening = false;
  #everOpen = false;
  #identity: Identity | undefined;
  #hopeless: UserError | undefined;
  /** Why the last attempt to open failed, in words of its own. */
  #refusal: UserError | undefined;
  #stop = new AbortController();
  #running: Promise<void> | undefined;
  #waiters: (() => void)[] = [];

  constructor(options: BoardLinkOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  /** Begins opening; returns at once. Ends with `stop` or when the signal aborts. */
  start(signal: AbortSignal): void {
    this.#stop = new AbortController();
    const both = AbortSignal.any([signal, this.#stop.signal]);
    this.#running = this.#keepOpen(both).catch((error) => {
      this.#why = reasonOf(error);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort(new UserError('board-closed', 'the board was closed'));
    await this.#running;
  }

  /** It is not opened again: what failed does not pass by itself. */
  get ended(): boolean {
    return this.#hopeless !== undefined;
  }

  /** Why there is no session, for messages. */
  get trouble(): string | undefined {
    return this.#session === undefined ? this.#why : undefined;
  }

  /** The board has said who it is, perhaps once more. @throws UserError `board-other` when it is not who it was */
  recognise(info: BoardInfo): void {
    const identity = identityOf(info);
    const difference = this.#identity && differenceOf(this.#identity, identity);
    if (difference !== undefined) throw otherBoard(difference);
    this.#identity = identity.serial === '' ? (this.#identity ?? identity) : identity;
  }

  /** The open session, waiting for one if need be. */
  async session(signal: AbortSignal): Promise<Session> {
    const { reopenMs = REOPEN_MS, firstOpenMs = reopenMs } = this.#options;
    const deadline = this.#clock.now() + (this.#everOpen ? reopenMs : firstOpenMs);
    while (this.#session === undefined) {
      signal.throwIfAborted();
      if (this.#hopeless !== undefined) throw this.#hopeless;
      const left = deadline - this.#clock.now();
      // Preparing and opening end by themselves.
      if (left <= 0 && !this.#opening) throw this.#absent();
      await this.#change(Math.max(left, OPENING_POLL_MS), signal);
    }
    return this.#session;
  }

  /** A refusal to open gives the reason itself, such as that another program has the port, rather than "not there". */
  #absent(): UserError {
    return this.#refusal ?? new UserError('board-lost', `the board is not there: ${this.#why}`);
  }

  /** Makes a call on the open session, and again on the next one when that is lost meanwhile. */
  async tryCall<T>(call: Call<T>, signal: AbortSignal): Promise<CallResult<T>> {
    for (;;) {
      const session = await this.session(signal);
      const result = await tryCall(session, call, this.#clock, signal);
      if (result.type !== 'lost') return result;
    }
  }

  /** As `tryCall`, but what is no success is thrown as a UserError. */
  async call<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
    const result = await this.tryCall(call, signal);
    if (result.type === 'done') return result.value;
    throw callError(this.#session?.name ?? 'the board', call.task, result);
  }

  async #keepOpen(signal: AbortSignal): Promise<void> {
    let pause = BACKOFF_FIRST_MS;
    while (!signal.aborted) {
      const session = await this.#open(signal);
      if (session !== undefined) {
        pause = BACKOFF_FIRST_MS;
        await this.#use(session, signal);
      }
      if (signal.aborted || this.#hopeless !== undefined) {
        this.#wake();
        return;
      }
      this.#options.onState?.({ type: 'down', why: this.#why, retryMs: pause });
      await this.#clock.sleep(pause, signal).catch(() => {});
      const most = this.#refusal?.code === 'emulator' ? EMULATOR_BACKOFF_MAX_MS : BACKOFF_MAX_MS;
      pause = Math.min(most, pause * 2);
    }
  }

  async #open(signal: AbortSignal): Promise<Session | undefined> {
    this.#opening = true;
    try {
      if (!this.#prepared) await this.#options.prepare?.(signal);
      this.#prepared = true;
      const session = new Session(await this.#options.open(signal), this.#options);
      session.start();
      await this.#checkIdentity(session, signal).catch(async (error) => {
        await session.close();
        throw error;
      });
      this.#refusal = undefined;
      return session;
    } catch (error) {
      this.#why = reasonOf(error);
      this.#refusal = error instanceof UserError ? error : undefined;
      this.#hopeless = hopeless(error);
      return undefined;
    } finally {
      this.#opening = false;
    }
  }

  /** The port may lead to another board than before. */
  async #checkIdentity(session: Session, signal: AbortSignal): Promise<void> {
    if (this.#identity === undefined) return;
    const call = { ...askWho, patienceMs: RECOGNITION_MS };
    const answer = await tryCall(session, call, this.#clock, signal);
    if (answer.type === 'refused') throw otherBoard('it does not say who it is');
    if (answer.type !== 'done') throw callError(session.name, call.task, answer);
    this.recognise(answer.value);
  }

  /** Offers the session until it is lost or the link stops. */
  async #use(session: Session, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    session.onLost((why) => {
      this.#why = why;
      this.#session = undefined;
      over.abort();
    });
    if (session.lost === undefined) {
      this.#session = session;
      this.#everOpen = true;
      this.#wake();
      this.#options.onState?.({ type: 'up' });
      await this.#heartbeats(session, AbortSignal.any([signal, over.signal])).catch(() => {});
    }
    this.#session = undefined;
    await session.close();
  }

  async #heartbeats(session: Session, signal: AbortSignal): Promise<void> {
    const every = this.#options.heartbeatMs ?? HEARTBEAT_MS;
    for (;;) {
      const idle = this.#clock.now() - session.lastSignOfLife;
      await this.#clock.sleep(every === 0 ? 3_600_000 : Math.max(100, every - idle), signal);
      if (every === 0 || this.#clock.now() - session.lastSignOfLife < every) continue;
      const patienceMs = this.#options.heartbeatPatienceMs ?? HEARTBEAT_PATIENCE_MS;
      const call = { ...heartbeat, patienceMs };
      const beat = await tryCall(session, call, this.#clock, signal);
      if (beat.type === 'no-answer') session.lose('heartbeats stay unanswered');
    }
  }

  #change(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => this.#waiters.push(resolve));
    const over = new AbortController();
    const late = this.#clock.sleep(ms, AbortSignal.any([signal, over.signal])).catch(() => {});
    return Promise.race([woken, late]).finally(() => over.abort());
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** What does not pass by itself: a missing tool, a folder that may not be written. */
function hopeless(error: unknown): UserError | undefined {
  if (error instanceof UserError) return PASSING.has(error.code) ? undefined : error;
  const explained = explainSystemError(error);
  if (explained === undefined) return undefined;
  return new UserError('set-up', explained.means, { hint: explained.hint, cause: error });
}

function otherBoard(difference: string): UserError {
  return new UserError('board-other', `another board is there now: ${difference}`, {
    hint: 'plug in the one that was there before',
  });
}

const heartbeat: Call<unknown> = {
  task: 'asking whether it is there',
  op: 'write',
  group: OS_GROUP,
  command: osCommand.echo,
  body: { d: '' },
  reply: echoReplySchema,
};
