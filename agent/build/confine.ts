import { spawn } from 'node:child_process';
import { access, constants, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runTool, type ToolCommand, type ToolOptions } from './toolchain.ts';

/**
 * Builds a file system of its own for a command, in name spaces that need no rights (Linux, util-linux): folders to read,
 * the one it works in, an empty /tmp, and nothing else. Arguments: root, working folder, folders to read, --, command.
 */
const SCRIPT = `set -e
root=$1 work=$2
shift 2
mount -t tmpfs -o mode=755 none "$root"
while [ "$1" != -- ]; do
    if [ -L "$1" ]; then
        mkdir -p "$root\${1%/*}"
        ln -s "$(readlink "$1")" "$root$1"
    elif [ -d "$1" ]; then
        mkdir -p "$root$1"
        mount --rbind "$1" "$root$1"
        mount -o remount,bind,ro,nosuid,nodev "$root$1" 2>/dev/null ||
            mount -o remount,bind,ro,nosuid,nodev,noexec "$root$1"
    elif [ -e "$1" ]; then
        mkdir -p "$root\${1%/*}"
        : > "$root$1"
        mount --bind "$1" "$root$1"
    fi
    shift
done
shift
mkdir -p "$root$work" "$root/tmp" "$root/.old" "$root/proc"
# umount reads /proc; it goes last.
mount --rbind /proc "$root/proc"
mount --bind "$work" "$root$work"
cd "$root"
pivot_root . .old
cd "$work"
umount -l /.old /proc
exec env TMPDIR=/tmp HOME=/tmp "$@"
`;

/** Programs, their libraries and headers, and the links by which Debian finds them; else no /etc, no /proc, nobody's home. */
const SYSTEM = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/dev/null'],
  ...['/etc/alternatives', '/etc/ld.so.cache'],
];
const NAMESPACES = ['unshare', '--user', '--map-root-user', '--mount'];
/** A dozen mounts; where they take longer, nothing would be confined. */
const PROBE_MS = 60_000;

export interface ConfinedOptions extends ToolOptions {
  /** Folders that it may read besides the system's programs; it may write to its working folder. */
  readonly read: readonly string[];
}

/**
 * Runs a tool on generated C so that it reaches nothing but its inputs, where the system lets a program without rights do
 * that (probed once); elsewhere as it is. What enters generated C is checked in any case (check-source.ts).
 * @throws as runTool
 */
export async function runConfined(
  command: ToolCommand,
  { read, ...options }: ConfinedOptions,
): Promise<string> {
  const home = await homeOf(command.tool);
  // The caller reports a tool that is missing.
  if (home === undefined || !(await canConfine())) return runTool(command, options);
  const cwd = await realpath(options.cwd);
  const root = await mkdtemp(join(cwd, '.root-'));
  try {
    const wrapper = wrapperOf(root, cwd, [...SYSTEM, ...home, ...read]);
    return await runTool(command, { ...options, cwd, wrapper });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function wrapperOf(root: string, cwd: string, read: readonly string[]): readonly string[] {
  return [...NAMESPACES, '--', 'sh', '-c', SCRIPT, 'confine', root, cwd, ...read, '--'];
}

let probed: Promise<boolean> | undefined;

/** Whether this system confines; containers and some distributions forbid it. */
export function canConfine(): Promise<boolean> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<boolean> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'otolith-confine-'));
  try {
    const root = await mkdtemp(join(folder, '.root-'));
    const [program = '', ...args] = [...wrapperOf(root, folder, SYSTEM), 'true'];
    return await new Promise((resolve) => {
      const child = spawn(program, args, { stdio: 'ignore', timeout: PROBE_MS, cwd: folder });
      child.once('error', () => resolve(false));
      child.once('close', (code) => resolve(code === 0));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Folders of a tool that lies outside the system's; undefined if the tool is not found. */
async function homeOf(tool: string): Promise<readonly string[] | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, tool);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!found) continue;
    const homes = [dirname(dirname(path)), dirname(dirname(await realpath(path)))];
    return [...new Set(homes)].filter((home) => home !== '/' && !home.startsWith('/usr'));
  }
  return undefined;
}
