/** A failure of a system call, as Node reports it. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
  readonly address?: string;
  readonly port?: number;
}

/** What the failures that people can fix mean, and how to fix them; `it` is the file, folder or address. */
const MEANINGS: Readonly<Record<string, readonly [means: (it: string) => string, hint: string]>> = {
  ENOENT: [(it) => `${it} is not there`, 'check the name'],
  EACCES: [(it) => `${it} may not be used by this user`, 'check its owner and permissions'],
  EPERM: [(it) => `${it} may not be changed by this user`, 'check its owner and permissions'],
  EISDIR: [(it) => `${it} is a folder`, 'name a file'],
  ENOTDIR: [(it) => `a part of ${it} is a file, where a folder has to be`, 'check the name'],
  EEXIST: [(it) => `${it} is there already`, 'give another name, or remove it'],
  ENOTEMPTY: [(it) => `${it} is not empty`, 'give another name, or remove it'],
  ENOSPC: [(it) => `there is no space left for ${it}`, 'make room on that disk'],
  EDQUOT: [(it) => `there is no quota left for ${it}`, 'make room on that disk'],
  EROFS: [(it) => `${it} is on a disk that is read-only`, 'give a place that can be written'],
  ENAMETOOLONG: [(it) => `the name ${it} is too long`, 'give a shorter one'],
  ELOOP: [(it) => `${it} is a link to itself`, 'remove the link'],
  EMFILE: [() => 'too many files are open', 'raise the limit (ulimit -n)'],
  ENFILE: [() => 'too many files are open', 'raise the limit (fs.file-max)'],
  ENOMEM: [() => 'there is not enough memory', 'end other programs'],
  EIO: [(it) => `${it} cannot be read or written: the device fails`, 'check the disk'],
  EADDRINUSE: [(it) => `${it} is in use by another program`, 'end that, or give another port'],
  EADDRNOTAVAIL: [(it) => `${it} is no address of this machine`, 'give one that is'],
  ECONNREFUSED: [(it) => `nothing listens at ${it}`, 'start it, or check the address'],
};

export interface Explained {
  /** As the system calls it, such as EACCES. */
  readonly code: string;
  readonly means: string;
  readonly hint: string;
}

/** A failed system call in words; undefined for every other error. */
export function explainSystemError(error: unknown): Explained | undefined {
  if (!isSystemError(error)) return undefined;
  const program = /^spawn (.+)$/.exec(error.syscall)?.[1];
  if (program !== undefined && error.code === 'ENOENT') {
    const means = `the program ${program} is not there`;
    return { code: error.code, means, hint: 'install the Debian package that has it' };
  }
  const [means, hint] = MEANINGS[error.code] ?? [];
  if (means === undefined || hint === undefined) return undefined;
  return { code: error.code, means: means(subjectOf(error)), hint };
}

function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return false;
  return typeof error.code === 'string' && typeof error.syscall === 'string';
}

function subjectOf({ path, dest, address, port }: SystemError): string {
  // A rename or copy fails for the place it goes to, but for a source that is missing.
  if (path !== undefined) return dest === undefined ? path : `${path} (to become ${dest})`;
  if (address !== undefined) return port === undefined ? address : `${address}:${port}`;
  return 'it';
}
