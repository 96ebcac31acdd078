import {
  access,
  chmod,
  constants,
  mkdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { UserError } from '../base/errors.ts';

/** A crashed owner's lock is taken over after this long. */
const STALE_MS = 10_000;

interface LockFolders {
  /** What the package makes for the service and everyone who may open serial ports. */
  readonly shared: string;
  /** For everyone else. */
  readonly own: string;
}

const LOCK_FOLDERS: LockFolders = { shared: '/run/otolith', own: join(tmpdir(), 'otolith-ports') };

/** The service has a /tmp of its own, so that locks there would say nothing to the command line. */
async function lockFolder({ shared, own }: LockFolders): Promise<string> {
  const may = await access(shared, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (may) return shared;
  // Any user may take a port, so any user may add locks; the sticky bit keeps others' locks safe.
  await mkdir(own, { recursive: true, mode: 0o1777 });
  return own;
}

/**
 * Takes a port for this process alone. The kernel's own exclusive mode does not hold against root, and two agents
 * talking to one board would each read half of every reply.
 * @returns what gives the port back
 * @throws UserError `port-busy` naming the process that has it
 */
export async function lockPort(
  path: string,
  folders: LockFolders = LOCK_FOLDERS,
): Promise<() => Promise<void>> {
  const target = await realpath(path).catch(() => path);
  const folder = await lockFolder(folders);
  const file = join(folder, target.replaceAll('/', '_'));
  const owner = `${file}.pid`;
  let unlock: () => Promise<void>;
  try {
    unlock = await lockfile.lock(file, {
      realpath: false,
      stale: STALE_MS,
      // The lock can only be lost when this process slept for longer than that; the port is ours all the same.
      onCompromised: () => {},
    });
  } catch (cause) {
    const pid = (await readFile(owner, 'utf8').catch(() => '')).trim();
    const who = pid === '' ? 'another process' : `process ${pid}`;
    throw new UserError('port-busy', `${path} is in use by ${who}`, {
      hint: 'stop it first (a running otolith agent owns its boards)',
      cause,
    });
  }
  // Another user's, left by a process that was killed, can be removed where it cannot be written.
  await rm(owner, { force: true }).catch(() => {});
  // Others may read this, whatever else the user keeps private.
  await writeFile(owner, `${process.pid}\n`)
    .then(() => chmod(owner, 0o644))
    .catch(() => {});
  let held = true;
  return async () => {
    if (!held) return;
    held = false;
    await rm(owner, { force: true });
    await unlock().catch(() => {});
  };
}
