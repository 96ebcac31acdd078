import { spawn as nodeSpawn } from 'node:child_process';
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
}

/**
 * Calls `onOver` with the limit, in ms, once a tool has taken too long for this machine; the function returned ends the
 * watch. A small or emulated machine takes minutes for what a PC does in seconds. So when the usual limit is over, the tool
 * is run once with nothing to do, under the same load, and gets as many times longer as that takes longer than on a PC.
 */
export function startLimit(limit: TimeLimit, onOver: (limitMs: number) => void): () => void {
  const ended = new AbortController();
  const begun = performance.now();
  let timer = setTimeout(() => void extend(), limit.usualMs);
  const extend = async (): Promise<void> => {
    const limitMs = limit.usualMs * (await slownessOf(limit, ended.signal));
    if (ended.signal.aborted) return;
    const mostMs = Math.min(limitMs, Math.max(LONGEST_MS, limit.usualMs));
    const leftMs = begun + mostMs - performance.now();
    if (leftMs <= 0) onOver(mostMs);
    else timer = setTimeout(() => onOver(mostMs), leftMs);
  };
  return () => {
    clearTimeout(timer);
    ended.abort();
  };
}

/** How many times slower than a PC this machine starts a tool now; 1 where that fails or hangs too. */
function slownessOf({ tool, spawn }: TimeLimit, signal: AbortSignal): Promise<number> {
  const args = COMPILERS.includes(tool) ? ['-fsyntax-only', '-x', 'c', '/dev/null'] : ['--version'];
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = (spawn ?? nodeSpawn)(tool, args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      timeout: EMPTY_RUN_LIMIT_MS,
      killSignal: 'SIGKILL',
      signal,
    });
    child.once('error', () => resolve(1));
    child.once('close', (code) => {
      const slowness = (performance.now() - begun) / EMPTY_RUN_MS;
      resolve(code === 0 ? Math.max(1, slowness) : 1);
    });
  });
}
