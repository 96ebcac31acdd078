import type { ChildProcess } from 'node:child_process';
import { onExit } from 'signal-exit';

/**
 * Kills a program that was started `detached`, and whatever it has started in turn: a compiler's driver that is killed alone
 * leaves its passes running for minutes, and they hold its output open.
 */
export function killGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Has a group killed when this process ends, by itself or by a signal; the function returned ends that. */
export function killGroupAtExit(child: Pick<ChildProcess, 'pid'>): () => void {
  return onExit(() => killGroup(child));
}
