import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** Whether this user may mount a small disk in a namespace of its own. */
export const canMount: boolean =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { stdio: 'ignore' })
    .status === 0;

/** Runs a command for which a folder is a tmpfs of so many KiB, that it alone sees. */
export function onSmallDisk(folder: string, kib: number, args: readonly string[]): ChildProcess {
  const script = `mount -t tmpfs -o size=${kib}k tmpfs "$0" && exec "$@"`;
  const command = ['-rm', 'sh', '-c', script, folder, ...args];
  return spawn('unshare', command, { stdio: ['ignore', 'pipe', 'pipe'] });
}
