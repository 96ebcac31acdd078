import { MultiBar, Presets } from 'cli-progress';
import { findPorts } from '../boards/discover.ts';
import { type PushJob, type PushReport, pushTo } from '../boards/push-job.ts';
import type { PushState } from '../boards/push-machine.ts';
import { reasonOf, UserError } from '../errors.ts';
import { interruption, modelOf, type SiteOptions, siteOf } from './board-site.ts';

export interface PushCommandOptions extends SiteOptions {
  readonly board: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly image?: boolean;
  readonly release: string;
  readonly counter?: number;
  readonly baud?: number;
}

function stepWords(state: PushState): string {
  switch (state.step) {
    case 'inspect':
      return 'looking at what it runs';
    case 'upload':
      return 'uploading';
    case 'mark':
      return 'marking for a test boot';
    case 'reset':
      return 'resetting';
    case 'wait':
      return 'waiting for the swap and boot';
    case 'self-test':
      return 'self-test';
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
  }
}

/** One bar per board on a terminal, lines elsewhere. */
function progressOf(json: boolean) {
  const format = { format: '{id} {bar} {percentage}% {step}', stream: process.stderr };
  const bars =
    process.stderr.isTTY && !json
      ? new MultiBar({ ...format, hideCursor: true }, Presets.shades_grey)
      : undefined;
  return {
    stop: () => bars?.stop(),
    watch(id: string): Pick<PushJob, 'onStep' | 'onProgress'> {
      if (bars === undefined) {
        const onStep = (state: PushState): void => {
          if (!json) console.error(`${id}: ${stepWords(state)}`);
        };
        return { onStep, onProgress: () => {} };
      }
      const bar = bars.create(1, 0, { id, step: '' });
      return {
        onStep: (state) => bar.update({ step: stepWords(state) }),
        onProgress: (done, total) => {
          bar.setTotal(total);
          bar.update(done);
        },
      };
    },
  };
}

function say(report: PushReport): string {
  const { id, result } = report;
  const size = `${report.imageBytes} bytes, ${report.imageHash.slice(0, 12)}`;
  if (result === undefined) return `${id}: would push ${size} to a ${report.boardId}`;
  if (result.step === 'failed') {
    const now = {
      old: 'the old firmware runs',
      new: 'the new firmware runs, unconfirmed',
      unknown: 'what runs now is unknown',
    };
    return `${id}: FAILED: ${result.why}; ${now[result.running]}`;
  }
  if (result.how === 'already-running') return `${id}: runs it already (${size})`;
  const { upload } = result;
  const rate = upload === undefined ? '' : `, ${Math.round(upload.bytes / upload.ms)} kB/s`;
  return `${id}: pushed, tested and confirmed (${size}${rate})`;
}

async function idsOf(options: PushCommandOptions, configured: readonly string[], stateDir: string) {
  if (options.board !== 'all') return [options.board];
  if (configured.length > 0) return configured;
  const found = (await findPorts(stateDir)).map((port) => port.id);
  if (found.length > 0) return found;
  throw new UserError('board-absent', 'there is no board', {
    mend: 'plug one in, or name an emulated one: --board emulated:cortex-m4',
  });
}

/** `otolith push` */
export async function push(what: string, options: PushCommandOptions): Promise<void> {
  const { config, site } = await siteOf(options);
  const signal = interruption();
  const ids = await idsOf(
    options,
    config.boards.map((board) => board.id),
    site.stateDir,
  );
  const payload = options.image
    ? ({ type: 'image', path: what } as const)
    : ({ type: 'model', model: await modelOf(what) } as const);
  const progress = progressOf(options.json === true);
  const job = {
    ...{ payload, release: options.release, dryRun: options.dryRun === true },
    ...(options.counter === undefined ? {} : { securityCounter: options.counter }),
    ...(options.baud === undefined ? {} : { baud: options.baud }),
  };
  const outcomes = await Promise.allSettled(
    ids.map((id) => pushTo(id, site, { ...job, ...progress.watch(id) }, signal)),
  );
  progress.stop();
  for (const [i, outcome] of outcomes.entries()) {
    const id = ids[i] ?? '';
    const failed = outcome.status === 'rejected' || outcome.value.result?.step === 'failed';
    if (failed) process.exitCode = 1;
    if (outcome.status === 'rejected' && !(outcome.reason instanceof UserError))
      throw outcome.reason;
    if (options.json) {
      const value =
        outcome.status === 'fulfilled' ? outcome.value : { id, error: reasonOf(outcome.reason) };
      console.log(JSON.stringify(value));
    } else if (outcome.status === 'fulfilled') {
      console.log(say(outcome.value));
    } else {
      console.error(`${id}: FAILED: ${reasonOf(outcome.reason)}`);
    }
  }
}
