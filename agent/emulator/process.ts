import { readdir, readFile } from 'node:fs/promises';

/**
 * When a process began, in clock ticks since the machine booted; undefined where there is none. A number is given to
 * another process once its own has ended: number and start time together mean one process.
 */
export async function beginningOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, the name, may hold anything, parentheses included.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isSafeInteger(ticks) ? ticks : undefined;
}

/** The words of its command line. */
export async function argumentsOf(pid: number): Promise<readonly string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
}

/** Whether the process holds the far end of a pseudo-terminal, e.g. /dev/pts/3; not where it may not be asked. */
export async function holdsTerminal(pid: number, path: string): Promise<boolean> {
  const number = /^\/dev\/pts\/(\d+)$/.exec(path)?.[1];
  if (number === undefined) return false;
  const folder = `/proc/${pid}/fdinfo`;
  for (const file of await readdir(folder).catch(() => [])) {
    const info = await readFile(`${folder}/${file}`, 'utf8').catch(() => '');
    if (new RegExp(`^tty-index:\\s*${number}$`, 'm').test(info)) return true;
  }
  return false;
}
