import { equalBytes } from '../../protocol/bytes.ts';
import type { ImageState } from '../../protocol/smp/image.ts';
import { refusalMeaning } from '../../protocol/vendor.ts';
import { UserError } from '../base/errors.ts';
import type { FirmwareImage } from '../firmware/image.ts';
import type { Board } from '../smp/board.ts';
import type { Absence } from './absence.ts';
import {
  type BoardHolds,
  firstState,
  nextState,
  type PushEvent,
  type PushState,
} from './push-machine.ts';
import { type UploadReport, uploadImage } from './upload.ts';

/** What a push needs to know of an image. */
export type PushImage = Pick<FirmwareImage, 'bytes' | 'hash' | 'sha'>;

/** One run of the self-test: the seed of the window and the integers it must give. */
export interface SelfTest {
  readonly seed: number;
  readonly scores: readonly number[];
}

export interface PushOptions {
  /** Windows and their right answers; none for firmware that is not ours, which then only has to answer. */
  readonly selfTests: readonly SelfTest[];
  readonly onStep?: (state: PushState) => void;
  readonly onProgress?: (done: number, total: number) => void;
  /** Number of the self-test's run, so that an earlier run's answer is not taken for this one's. */
  readonly run: number;
  /** The board waits in serial recovery: nothing runs, whatever its list says. */
  readonly recovery?: boolean;
  /** How long a swap and boot may take. */
  readonly bootMs?: number;
  /** Told when the board is expected to be away, and when it is back. */
  readonly absence?: Pick<Absence, 'begin' | 'end'>;
}

export type PushResult = Extract<PushState, { readonly step: 'done' | 'failed' }> & {
  readonly upload: UploadReport | undefined;
};

/** A swap of two full slots and the start of the application, on a slow board. */
const BOOT_MS = 120_000;
/** The board resets some time after it answers; until then the old image would answer for the new one. */
const RESET_PAUSE_MS = 500;
const POLL_MS = 250;
const MOST_RESETS = 5;

/** Brings an image onto a board and makes sure it works there, or leaves the old one running and says why. */
export async function pushImage(
  board: Board,
  image: PushImage,
  options: PushOptions,
  signal: AbortSignal,
): Promise<PushResult> {
  let state: PushState = firstState;
  let upload: UploadReport | undefined;
  const act = async (): Promise<PushEvent> => {
    if (state.step !== 'upload') return perform(state, board, image, options, signal);
    const progress = options.onProgress === undefined ? {} : { onProgress: options.onProgress };
    upload = await uploadImage(board, image.bytes, { sha: image.sha, ...progress }, signal);
    return { type: 'ok' };
  };
  for (;;) {
    options.onStep?.(state);
    if (state.step === 'done') return { ...state, upload };
    if (state.step === 'failed') return { ...failedIn(state, options), upload };
    const event = await act().catch((error: unknown): PushEvent => {
      // Bugs and the caller's abort are no events of the board.
      if (signal.aborted || !(error instanceof UserError)) throw error;
      return { type: 'failed', why: error.line };
    });
    state = nextState(state, event);
  }
}

/** In serial recovery there is no old image that could go on. */
function failedIn(
  state: Extract<PushState, { readonly step: 'failed' }>,
  { recovery = false }: PushOptions,
): Extract<PushState, { readonly step: 'failed' }> {
  return recovery && state.running === 'old' ? { ...state, running: 'nothing' } : state;
}

async function perform(
  state: PushState,
  board: Board,
  image: PushImage,
  options: PushOptions,
  signal: AbortSignal,
): Promise<PushEvent> {
  switch (state.step) {
    case 'inspect':
      if (options.recovery === true) return { type: 'seen', board: holdsNothing };
      return { type: 'seen', board: holdsOf(await board.images(signal), image.hash) };
    case 'mark':
      return mark(board, image, signal);
    case 'end-trial':
    case 'reset':
    case 'revert':
      await board.reset(signal);
      await board.clock.sleep(RESET_PAUSE_MS, signal);
      return { type: 'ok' };
    case 'wait':
    case 'wait-trial':
    case 'wait-old':
      return awaitBoot(board, image, stillDue[state.step], options, signal);
    case 'self-test':
      return selfTest(board, options, signal);
    case 'confirm':
      return confirmed(holdsOf(await confirm(board, image.hash, signal), image.hash));
    case 'upload':
    case 'done':
    case 'failed':
      return { type: 'ok' };
    default:
      return state satisfies never;
  }
}

async function mark(board: Board, image: PushImage, signal: AbortSignal): Promise<PushEvent> {
  try {
    await board.setImage({ hash: image.hash, confirm: false }, signal);
    return { type: 'ok' };
  } catch (error) {
    // The standard has one code for everything that can be wrong with an image; an otolith board says more.
    const refusal = error instanceof UserError && error.code === 'board-refused';
    const refused = refusal ? await whyRefused(board, signal) : undefined;
    if (refused === undefined) throw error;
    return { type: 'failed', why: `the board does not take the new image: ${refused}` };
  }
}

/** What a board of ours says of the image it was asked for last. */
async function whyRefused(board: Board, signal: AbortSignal): Promise<string | undefined> {
  return refusalMeaning((await board.info(signal))?.refused);
}

async function awaitBoot(
  board: Board,
  image: PushImage,
  due: (holds: BoardHolds) => boolean,
  options: PushOptions,
  signal: AbortSignal,
): Promise<PushEvent> {
  options.absence?.begin('boot');
  try {
    const holds = await afterBoot(board, image.hash, due, options.bootMs ?? BOOT_MS, signal);
    if (holds.running) return { type: 'seen', board: holds };
    return { type: 'seen', board: holds, refused: await whyRefused(board, signal) };
  } finally {
    options.absence?.end('boot');
  }
}

const holdsNothing: BoardHolds = {
  running: false,
  confirmed: false,
  waiting: false,
  marked: false,
};

function holdsOf(state: ImageState, hash: Uint8Array): BoardHolds {
  const mine = state.images.filter(
    (slot) => slot.hash !== undefined && equalBytes(slot.hash, hash),
  );
  const running = mine.find((slot) => slot.active);
  const waiting = mine.find((slot) => !slot.active);
  const other = state.images.find((slot) => slot.active && !slot.confirmed && !mine.includes(slot));
  return {
    running: running !== undefined,
    confirmed: running?.confirmed === true,
    waiting: waiting !== undefined,
    marked: waiting?.pending === true,
    otherOnTrial: other?.version,
  };
}

/**
 * Asks until the board runs an image that the reset was to bring; serial recovery answers too, but runs none. A reset
 * whose request was lost is asked for again, but only when the list shows that it has not happened: resetting a new
 * image on trial would revert it.
 */
async function afterBoot(
  board: Board,
  hash: Uint8Array,
  due: (holds: BoardHolds) => boolean,
  bootMs: number,
  signal: AbortSignal,
): Promise<BoardHolds> {
  const deadline = board.clock.now() + bootMs;
  for (let resets = 1; ; ) {
    const left = deadline - board.clock.now();
    if (left <= 0) {
      throw new UserError('board-silent', `the board did not come back within ${bootMs / 1000} s`);
    }
    const hello = await board.echo('', signal, Math.min(left, POLL_MS * 4));
    if (hello.type === 'done') {
      const images = await board.images(signal);
      const holds = holdsOf(images, hash);
      if (images.images.some((slot) => slot.active) && !due(holds)) return holds;
      if (due(holds) && resets < MOST_RESETS) {
        await board.reset(signal);
        resets += 1;
      } else if (due(holds)) return holds;
    }
    await board.clock.sleep(RESET_PAUSE_MS, signal);
  }
}

/** Whether the reset before each wait has not happened yet. */
const stillDue = {
  /** Marked and not yet swapped in. */
  wait: (holds: BoardHolds): boolean => holds.marked && !holds.running,
  /** Still running on trial. */
  'wait-old': (holds: BoardHolds): boolean => holds.running && !holds.confirmed,
  'wait-trial': (holds: BoardHolds): boolean => holds.otherOnTrial !== undefined,
} as const;

async function selfTest(
  board: Board,
  options: PushOptions,
  signal: AbortSignal,
): Promise<PushEvent> {
  if (options.selfTests.length === 0) return started(board, signal);
  for (const [index, test] of options.selfTests.entries()) {
    const result = await board.bench(test.seed, (options.run + index) >>> 0, signal);
    const wrong = firstDifference(result.scores, test.scores);
    if (wrong !== undefined) {
      const why = `the self-test gave wrong integers (window of seed ${test.seed}: ${wrong})`;
      return { type: 'failed', why };
    }
  }
  return { type: 'ok' };
}

/** Serial recovery answers as well, and lists an image that it cannot start. */
async function started(board: Board, signal: AbortSignal): Promise<PushEvent> {
  const info = await board.info(signal);
  if (info?.mode !== 'recovery') return { type: 'ok' };
  const why = refusalMeaning(info.refused) ?? 'it cannot be started';
  return { type: 'failed', why: `the board is in serial recovery with the new image: ${why}` };
}

function firstDifference(got: readonly number[], want: readonly number[]): string | undefined {
  if (got.length !== want.length) return `${got.length} scores instead of ${want.length}`;
  const at = got.findIndex((score, i) => score !== want[i]);
  return at < 0 ? undefined : `score ${at} is ${got[at]} instead of ${want[at]}`;
}

async function confirm(board: Board, hash: Uint8Array, signal: AbortSignal): Promise<ImageState> {
  const after = await board.setImage({ hash, confirm: true }, signal);
  return after.images.length > 0 ? after : board.images(signal);
}

function confirmed(holds: BoardHolds): PushEvent {
  return holds.confirmed
    ? { type: 'ok' }
    : { type: 'failed', why: 'the board does not list the image as confirmed' };
}
