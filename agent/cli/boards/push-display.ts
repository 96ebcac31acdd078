import { MultiBar, Presets } from 'cli-progress';
import type { PushJob, PushReport } from '../../push/push-job.ts';
import type { RunningNow } from '../../push/push-machine.ts';
import { awayWords, stepWords } from '../../push/push-words.ts';

/** Where nobody watches a bar, an absent board is told of at 2 s and then at every fifth. */
const FIRST_AWAY_S = 2;
const AWAY_EVERY_S = 5;

type Watch = Required<Pick<PushJob, 'onStep' | 'onProgress' | 'onAway'>>;

/** One bar per board on a terminal, lines elsewhere. */
export function progressOf(json: boolean, tests: boolean) {
  const format = { format: '{id} {bar} {percentage}% {step}', stream: process.stderr };
  const bars =
    process.stderr.isTTY && !json
      ? new MultiBar({ ...format, hideCursor: true }, Presets.shades_grey)
      : undefined;
  const say = (id: string, words: string): void => {
    if (!json) console.error(`${id}: ${words}`);
  };
  return {
    stop: () => bars?.stop(),
    watch(id: string): Watch {
      if (bars === undefined) {
        return {
          onStep: (state) => say(id, stepWords(state, tests)),
          onProgress: () => {},
          onAway: (seconds) => {
            const due = seconds === FIRST_AWAY_S || seconds % AWAY_EVERY_S === 0;
            if (due) say(id, awayWords(seconds));
          },
        };
      }
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
