import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** How this user gets a mount namespace: a user's own, or where that is forbidden (in a chroot) root's. */
const NAMESPACE = ['-rm', '-m'].find(
  (options) =>
    spawnSync('unshare', [options, 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { stdio: 'ignore' })
      .status === 0,
);

/** Whether this user may mount a small disk in a namespace of its own. */
export const canMount: boolean = NAMESPACE !== undefined;

/** Runs a command for which a folder is a tmpfs of so many KiB, that it alone sees. */
export function onSmallDisk(folder: string, kib: number, args: readonly string[]): ChildProcess {
  if (NAMESPACE === undefined) throw new Error('no mount namespace here: look at canMount first');
  const script = `mount -t tmpfs -o size=${kib}k tmpfs "$0" && exec "$@"`;
  const command = [NAMESPACE, 'sh', '-c', script, folder, ...args];
  return spawn('unshare', command, { stdio: ['ignore', 'pipe', 'pipe'] });
}
