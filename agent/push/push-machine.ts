/**
 * The life of a push as a pure function: what to do next, given what happened. An image is confirmed only after it has
 * booted and its self-test has given the right integers; anything else ends with the old image running.
 */
export type PushState =
  /** Look at what the board holds. */
  | { readonly step: 'inspect' }
  /** Another client left an image on trial, which nothing may be uploaded over: reset, so that it goes back. */
  | { readonly step: 'end-trial'; readonly version: string }
  | { readonly step: 'wait-trial'; readonly version: string }
  | { readonly step: 'upload' }
  /** Mark the uploaded image for one test boot. */
  | { readonly step: 'mark' }
  | { readonly step: 'reset' }
  /** Wait until the board answers, and look which image runs. */
  | { readonly step: 'wait' }
  | { readonly step: 'self-test' }
  | { readonly step: 'confirm' }
  /** Reset without confirming, so that the bootloader swaps the old image back. */
  | { readonly step: 'revert'; readonly why: string }
  | { readonly step: 'wait-old'; readonly why: string }
  | { readonly step: 'done'; readonly how: 'pushed' | 'already-running' }
  | { readonly step: 'failed'; readonly why: string; readonly running: RunningNow };

/** Which image the board is known to run after a push that failed; nothing runs in serial recovery. */
export type RunningNow = 'old' | 'new' | 'nothing' | 'unknown';

export type PushEvent =
  /** What the board holds, after `inspect` and the waits; `refused` is why it does not run the new image, if it says so. */
  | { readonly type: 'seen'; readonly board: BoardHolds; readonly refused?: string | undefined }
  /** The step's action succeeded. */
  | { readonly type: 'ok' }
  /** It failed, or the board stayed silent. */
  | { readonly type: 'failed'; readonly why: string };

/** Where the image to push is on the board. */
export interface BoardHolds {
  /** The new image runs. */
  readonly running: boolean;
  /** ... and is confirmed. */
  readonly confirmed: boolean;
  /** It lies whole in the other slot. */
  readonly waiting: boolean;
  /** ... and is marked for the next boot. */
  readonly marked: boolean;
  /** Version of another image that runs and is not confirmed. */
  readonly otherOnTrial?: string | undefined;
}

export const firstState: PushState = { step: 'inspect' };

export function nextState(state: PushState, event: PushEvent): PushState {
  if (event.type === 'failed') return afterFailure(state, event.why);
  switch (state.step) {
    case 'inspect':
      return event.type === 'seen' ? afterInspect(event.board) : state;
    case 'end-trial':
      return { step: 'wait-trial', version: state.version };
    case 'wait-trial':
      return event.type === 'seen' ? afterTrial(event.board) : state;
    case 'upload':
      return { step: 'mark' };
    case 'mark':
      return { step: 'reset' };
    case 'reset':
      return { step: 'wait' };
    case 'wait':
      return event.type === 'seen' ? afterBoot(event.board, event.refused) : state;
    case 'self-test':
      return { step: 'confirm' };
    case 'confirm':
      return { step: 'done', how: 'pushed' };
    case 'revert':
      return { step: 'wait-old', why: state.why };
    case 'wait-old':
      return event.type === 'seen' ? afterRevert(state.why, event.board) : state;
    case 'done':
    case 'failed':
      return state;
    default:
      return state satisfies never;
  }
}

function afterInspect(board: BoardHolds): PushState {
  if (board.running) {
    return board.confirmed ? { step: 'done', how: 'already-running' } : { step: 'self-test' };
  }
  const { otherOnTrial } = board;
  if (otherOnTrial !== undefined) return { step: 'end-trial', version: otherOnTrial };
  if (!board.waiting) return { step: 'upload' };
  return board.marked ? { step: 'reset' } : { step: 'mark' };
}

function afterTrial(board: BoardHolds): PushState {
  if (board.otherOnTrial === undefined) return afterInspect(board);
  const why = `the board runs ${board.otherOnTrial} on trial, which another client left unconfirmed, and still does after a reset: what it replaced is gone. Confirm it with the client that brought it, then push again`;
  return { step: 'failed', why, running: 'old' };
}

function afterBoot(board: BoardHolds, refused: string | undefined): PushState {
  if (board.running) return { step: 'self-test' };
  const why =
    refused === undefined
      ? 'after the reset the board runs its old image: the bootloader refused the new one, or it failed and was reverted'
      : `the board does not run the new image: ${refused}`;
  return { step: 'failed', why, running: 'old' };
}

function afterRevert(why: string, board: BoardHolds): PushState {
  return { step: 'failed', why, running: board.running ? 'new' : 'old' };
}

function afterFailure(state: PushState, why: string): PushState {
  switch (state.step) {
    case 'inspect':
    case 'upload':
    case 'mark':
      return { step: 'failed', why, running: 'old' };
    case 'end-trial':
    case 'wait-trial':
    case 'reset':
      return { step: 'failed', why, running: 'unknown' };
    // A silent new image is reset by its watchdog or by hand; what it must not be is confirmed.
    case 'wait':
    case 'wait-old':
      return { step: 'failed', why, running: 'unknown' };
    case 'self-test':
    case 'confirm':
      return { step: 'revert', why };
    case 'revert':
      return { step: 'wait-old', why: state.why };
    case 'done':
    case 'failed':
      return state;
    default:
      return state satisfies never;
  }
}
