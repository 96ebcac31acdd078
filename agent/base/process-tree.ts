import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills a process and all that it has started: a compiler's driver that is killed alone leaves its passes running for minutes,
 * and they hold its output open. Each is stopped first, so that it starts nothing more meanwhile.
 */
export function killTree(pid: number): void {
  if (!send(pid, 'SIGSTOP')) return;
  for (const child of childrenOf(pid)) killTree(child);
  send(pid, 'SIGKILL');
}

/** Whether there is such a process still. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** As proc(5) lists them, thread by thread; none of a process that has ended. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(
        Number,
      ),
    );
  } catch {
    return [];
  }
}
