/**
 * The life of a push as a pure function: what to do next, given what happened. An image is confirmed only after it has
 * booted and its self-test has given the right integers; anything else ends with the old image running.
 */
export type PushState =
  /** Look at what the board holds. */
  | { readonly step: 'inspect' }
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
  /** `running`: which image the board is known to run now. */
  | { readonly step: 'failed'; readonly why: string; readonly running: 'old' | 'new' | 'unknown' };

export type PushEvent =
  /** What the board holds, after `inspect`, `wait` and `wait-old`. */
  | { readonly type: 'seen'; readonly board: BoardHolds }
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
}

export const firstState: PushState = { step: 'inspect' };

export function nextState(state: PushState, event: PushEvent): PushState {
  if (event.type === 'failed') return afterFailure(state, event.why);
  switch (state.step) {
    case 'inspect':
      return event.type === 'seen' ? afterInspect(event.board) : state;
    case 'upload':
      return { step: 'mark' };
    case 'mark':
      return { step: 'reset' };
    case 'reset':
      return { step: 'wait' };
    case 'wait':
      return event.type === 'seen' ? afterBoot(event.board) : state;
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
  if (!board.waiting) return { step: 'upload' };
  return board.marked ? { step: 'reset' } : { step: 'mark' };
}

function afterBoot(board: BoardHolds): PushState {
  if (board.running) return { step: 'self-test' };
  return {
    step: 'failed',
    why: 'after the reset the board runs its old image: the bootloader refused the new one, or it failed and was reverted',
    running: 'old',
  };
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
