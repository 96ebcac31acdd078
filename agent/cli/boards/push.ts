import { findPorts } from '../../attach/discover.ts';
import { meantBoard } from '../../attach/meant-board.ts';
import { reasonOf, UserError } from '../../base/errors.ts';
import { pushTo } from '../../push/push-job.ts';
import type { Framing } from '../../smp/session.ts';
import { factsOf } from '../failure.ts';
import { type ContextOptions, contextOf, interruption, modelOf } from './board-context.ts';
import { progressOf, reportWords } from './push-display.ts';

export interface PushCommandOptions extends ContextOptions {
  readonly board: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly image?: boolean;
  readonly release?: string;
  readonly counter?: number;
  readonly baud?: number;
  readonly framing?: Framing;
}

async function idsOf(options: PushCommandOptions, configured: readonly string[], stateDir: string) {
  if (options.board !== 'all') return [await meantBoard(options.board, stateDir)];
  if (configured.length > 0) return configured;
  const found = (await findPorts(stateDir)).map((port) => port.id);
  if (found.length > 0) return found;
  throw new UserError('board-absent', 'there is no board', {
    hint: 'plug one in, or name an emulated one: --board emulated:cortex-m4',
  });
}

/** `otolith push` */
export async function push(what: string, options: PushCommandOptions): Promise<void> {
  const { config, context } = await contextOf(options);
  const signal = interruption();
  const ids = await idsOf(
    options,
    config.boards.map((board) => board.id),
    context.stateDir,
  );
  const payload = options.image
    ? ({ type: 'image', path: what } as const)
    : ({ type: 'model', model: await modelOf(what) } as const);
  const progress = progressOf({
    json: options.json === true,
    tests: payload.type === 'model',
    what: payload.type === 'model' ? payload.model.metadata.name : what,
    monotonic: () => performance.now(),
  });
  const job = {
    ...{ payload, dryRun: options.dryRun === true },
    ...(options.release === undefined ? {} : { release: options.release }),
    ...(options.counter === undefined ? {} : { securityCounter: options.counter }),
    ...(options.baud === undefined ? {} : { baud: options.baud }),
  };
  const framingOf = (id: string) => {
    const configured = config.boards.find((board) => board.id === id)?.framing;
    const framing = options.framing ?? configured;
    return framing === undefined ? {} : { framing };
  };
  const outcomes = await Promise.allSettled(
    ids.map((id) =>
      pushTo(id, context, { ...job, ...framingOf(id), ...progress.watch(id) }, signal),
    ),
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
        outcome.status === 'fulfilled' ? outcome.value : { id, error: factsOf(outcome.reason) };
      console.log(JSON.stringify(value));
    } else if (outcome.status === 'fulfilled') {
      console.log(reportWords(outcome.value));
    } else {
      console.error(`${id}: FAILED: ${reasonOf(outcome.reason)}`);
    }
  }
}
