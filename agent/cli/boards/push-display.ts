import { MultiBar, Presets } from 'cli-progress';
import type { PushJob, PushReport } from '../../push/push-job.ts';
import type { RunningNow } from '../../push/push-machine.ts';
import { awayWords, stepWords } from '../../push/push-words.ts';

/** Where nobody watches a bar, no more than a line in so many ms of each push. */
const LINE_MS = 10_000;

type Watch = Required<Pick<PushJob, 'onStep' | 'onProgress' | 'onAway'>>;

export interface PushDisplayOptions {
  readonly json: boolean;
  /** Whether there are windows to test the new firmware by. */
  readonly tests: boolean;
  /** What is pushed, for people. */
  readonly what: string;
  /** ms that never jump. */
  readonly monotonic: () => number;
}

/** One bar per board on a terminal; elsewhere a line when a push begins, and then few. */
export function progressOf(options: PushDisplayOptions) {
  const { json, tests } = options;
  const format = { format: '{id} {bar} {percentage}% {step}', stream: process.stderr };
  const bars =
    process.stderr.isTTY && !json
      ? new MultiBar({ ...format, hideCursor: true }, Presets.shades_grey)
      : undefined;
  return {
    stop: () => bars?.stop(),
    watch(id: string): Watch {
      if (bars === undefined) return json ? silent : fewLines(id, options);
      const bar = bars.create(1, 0, { id, step: '' });
      return {
        onStep: (state) => bar.update({ step: stepWords(state, tests) }),
        onProgress: (done, total) => {
          bar.setTotal(total);
          bar.update(done);
        },
        onAway: (seconds) => bar.update({ step: awayWords(seconds) }),
      };
    },
  };
}

const silent: Watch = { onStep: () => {}, onProgress: () => {}, onAway: () => {} };

function fewLines(id: string, { tests, what, monotonic }: PushDisplayOptions): Watch {
  let last = monotonic();
  const say = (words: string): void => {
    last = monotonic();
    console.error(`${id}: ${words}`);
  };
  const sayIfDue = (words: string): void => {
    if (monotonic() - last >= LINE_MS) say(words);
  };
  say(`pushing ${what}`);
  return {
    onStep: (state) => {
      // What nobody asked for is reported whenever it happens.
      const isUnasked = state.step === 'end-trial' || state.step === 'revert';
      (isUnasked ? say : sayIfDue)(stepWords(state, tests));
    },
    onProgress: (done, total) => sayIfDue(`uploading, ${Math.floor((100 * done) / total)} %`),
    onAway: (seconds) => sayIfDue(awayWords(seconds)),
  };
}

const runningWords: Readonly<Record<RunningNow, string>> = {
  old: 'the old firmware runs',
  new: 'the new firmware runs, unconfirmed',
  nothing: 'nothing runs, the board waits in serial recovery',
  unknown: 'what runs now is unknown',
};

/** The last line of a push. */
export function reportWords(report: PushReport): string {
  const { id, result, selfTests } = report;
  const size = `${report.imageBytes} bytes, ${report.imageHash.slice(0, 12)}`;
  if (result === undefined) return `${id}: would push ${size} to a ${report.boardId}`;
  if (result.step === 'failed') {
    return `${id}: FAILED: ${result.why}; ${runningWords[result.running]}`;
  }
  if (result.how === 'already-running') return `${id}: runs it already (${size})`;
  const { upload } = result;
  const rate = upload === undefined ? '' : `, ${Math.round(upload.bytes / upload.ms)} kB/s`;
  const how =
    selfTests > 0 ? 'pushed, tested and confirmed' : 'pushed, started and confirmed, not tested';
  return `${id}: ${how} (${size}${rate})`;
}
