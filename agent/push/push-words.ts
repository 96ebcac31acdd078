import type { PushState } from './push-machine.ts';

/** What happens now; `tests` says whether there are windows to test the new firmware by. */
export function stepWords(state: PushState, tests: boolean): string {
  switch (state.step) {
    case 'inspect':
      return 'looking at what it runs';
    case 'end-trial':
      return `it runs ${state.version} on trial, left unconfirmed by another client: resetting, so that it goes back`;
    case 'wait-trial':
      return 'waiting for what it ran before';
    case 'upload':
      return 'uploading';
    case 'mark':
      return 'marking for a test boot';
    case 'reset':
      return 'resetting';
    case 'wait':
      return 'waiting for the swap and boot';
    case 'self-test':
      return tests ? 'self-test' : 'it runs; there is nothing to test it by';
    case 'confirm':
      return 'confirming';
    case 'revert':
      return `reverting: ${state.why}`;
    case 'wait-old':
      return 'waiting for the old firmware';
    case 'done':
      return state.how === 'pushed' ? 'runs and is confirmed' : 'runs it already';
    case 'failed':
      return `failed: ${state.why}`;
    default:
      return state satisfies never;
  }
}

/** The board is away for so long already. */
export const awayWords = (seconds: number): string =>
  `waiting for the board to come back, ${seconds} s`;
