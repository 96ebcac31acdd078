import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { UserError } from '../../base/errors.ts';

/** A fold to leave out, or `all` to train on everything. */
export type FoldChoice = number | 'all';

/** Folder of one fold's run under a training's folder. */
export function foldDir(fold: FoldChoice): string {
  return fold === 'all' ? 'all' : `fold-${fold}`;
}

export interface QueueOptions {
  readonly folds: readonly FoldChoice[];
  /** Processes at once. */
  readonly jobs: number;
  /** The command line that trains one fold: program and arguments. */
  readonly command: (fold: FoldChoice) => readonly [string, ...string[]];
  /** A line of progress from one fold's process. */
  readonly onLine: (fold: FoldChoice, line: string) => void;
  /** A message that one fold's process sent its parent. */
  readonly onMessage: (fold: FoldChoice, message: unknown) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Environment of a training process: one thread, so that results repeat and two processes share two cores well; and
 * convolutions that multiply in bfloat16 (and add in float32) on CPUs that have it, a third less time per step.
 */
export const TRAINING_ENVIRONMENT = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  ONEDNN_DEFAULT_FPMATH_MODE: 'BF16',
} as const;

/** Set where a process trains one of several folds for another, which shows its progress. */
const ONE_OF_SEVERAL = 'OTOLITH_TRAINS_ONE_FOLD';

/** Whether this process trains one of several folds for another. */
export function isOneOfSeveral(): boolean {
  return process.env[ONE_OF_SEVERAL] !== undefined && process.send !== undefined;
}

/**
 * Trains folds as separate low-priority processes, some at a time. Two single-threaded processes use two cores better
 * than one with two threads. Stopped with the signal; a fold that fails does not stop the others.
 * @throws UserError `training` naming the folds that failed.
 */
export async function trainFolds(options: QueueOptions): Promise<void> {
  setPriority(constants.priority.PRIORITY_LOW);
  const waiting = [...options.folds];
  const failed: FoldChoice[] = [];
  const lane = async (): Promise<void> => {
    for (let fold = waiting.shift(); fold !== undefined; fold = waiting.shift()) {
      if ((await trainOne(options, fold)) !== 0) failed.push(fold);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, lane));
  options.signal?.throwIfAborted();
  if (failed.length > 0) {
    throw new UserError('training', `folds ${failed.join(', ')} did not finish`, {
      hint: 'the lines above say why; the same command continues from their checkpoints',
    });
  }
}

async function trainOne(options: QueueOptions, fold: FoldChoice): Promise<number | null> {
  const [program, ...args] = options.command(fold);
  const child = spawn(program, args, {
    env: { ...process.env, ...TRAINING_ENVIRONMENT, [ONE_OF_SEVERAL]: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  child.on('message', (message) => options.onMessage(fold, message));
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => options.onLine(fold, line));
  }
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code));
  });
}
