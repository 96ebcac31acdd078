import { spawn as nodeSpawn } from 'node:child_process';
import { type Clock, systemClock } from '../base/clock.ts';
import { slownessAt } from '../base/slowness.ts';
import type { Spawn, Tool } from '../base/tools.ts';

/** What a run of a tool that has nothing to do takes on a PC, in ms: 20 to 40, most of it bringing the program into memory. */
const EMPTY_RUN_MS = 30;
/** From here on a tool that has nothing to do hangs. */
const EMPTY_RUN_LIMIT_MS = 60_000;
/** However slow the machine. */
const LONGEST_MS = 7_200_000;

const COMPILERS: readonly Tool[] = ['clang', 'arm-none-eabi-gcc'];

export interface TimeLimit {
  readonly tool: Tool;
  /** Plenty on a PC, in ms. */
  readonly usualMs: number;
  readonly spawn?: Spawn | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Calls `onOver` with the limit, in ms, once a tool has taken too long for this machine; the function returned ends the
 * watch. A small or emulated machine takes minutes for what a PC does in seconds. So when the usual limit is over, the tool
 * is run once with nothing to do, under the same load, and gets as many times longer as that takes longer than on a PC.
 */
export function startLimit(limit: TimeLimit, onOver: (limitMs: number) => void): () => void {
  const ended = new AbortController();
  untilOver(limit, ended.signal).then(onOver, (error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return () => ended.abort();
}

/** Resolves with the limit, in ms, when it is over. */
async function untilOver(limit: TimeLimit, signal: AbortSignal): Promise<number> {
  const { usualMs, clock = systemClock } = limit;
  const begun = clock.now();
  await clock.sleep(usualMs, signal);
  // A tool that fails without anything to do, or hangs, says nothing of the machine.
  const slowness = await slownessAt(() => emptyRun(limit, signal), EMPTY_RUN_MS, clock).catch(
    () => 1,
  );
  const limitMs = Math.min(usualMs * slowness, Math.max(LONGEST_MS, usualMs));
  await clock.sleep(Math.max(0, begun + limitMs - clock.now()), signal);
  return limitMs;
}

/** Runs a tool with nothing to do. */
function emptyRun({ tool, spawn = nodeSpawn }: TimeLimit, signal: AbortSignal): Promise<void> {
  const args = COMPILERS.includes(tool) ? ['-fsyntax-only', '-x', 'c', '/dev/null'] : ['--version'];
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      timeout: EMPTY_RUN_LIMIT_MS,
      killSignal: 'SIGKILL',
      signal,
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${tool} ended with ${code}`));
    });
  });
}
