import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';

const PREFIX = 'emulated:';
const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** An emulated board is its flash: two of one kind differ in nothing else. */
export interface EmulatedBoard {
  /** Folder in firmware/boards, e.g. cortex-m4. */
  readonly kind: string;
  /** Absolute path of its flash file. */
  readonly flash: string;
}

export function isEmulatedId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** The flash file of a kind's first board, or of the one of this name. */
function flashFile(stateDir: string, kind: string, name?: string): string {
  return join(stateDir, 'boards', `${kind}${name === undefined ? '' : `@${name}`}.flash`);
}

/**
 * Reads `cortex-m4` (the default flash file), `cortex-m4@kitchen` (a file of that name beside it) or
 * `cortex-m4@/path/to.flash`, each with or without `emulated:` before it.
 * @throws UserError `board-unknown`
 */
export async function parseEmulated(id: string, stateDir: string): Promise<EmulatedBoard> {
  const bare = isEmulatedId(id) ? id.slice(PREFIX.length) : id;
  const at = bare.indexOf('@');
  const kind = at < 0 ? bare : bare.slice(0, at);
  const which = at < 0 ? undefined : bare.slice(at + 1);
  if (which?.startsWith('/') === true) return { kind, flash: await canonical(which) };
  if (which !== undefined && !NAME.test(which)) {
    throw new UserError('board-unknown', `"${which}" is no name for an emulated board`, {
      hint: 'up to 32 of a-z, 0-9, dot, _ and -, or the absolute path of a flash file',
    });
  }
  return { kind, flash: await canonical(flashFile(stateDir, kind, which)) };
}

/** The one id of an emulated board, the same in every command and in the configuration. */
export async function emulatedId(board: EmulatedBoard, stateDir: string): Promise<string> {
  const { kind } = board;
  const flash = await canonical(board.flash);
  if (flash === (await canonical(flashFile(stateDir, kind)))) return `${PREFIX}${kind}`;
  const [, name = ''] = /@([^@]*)\.flash$/.exec(basename(flash)) ?? [];
  const named = NAME.test(name) && (await canonical(flashFile(stateDir, kind, name))) === flash;
  return `${PREFIX}${kind}@${named ? name : flash}`;
}

/** The path without links, also of a file that is not there yet. */
async function canonical(path: string): Promise<string> {
  const whole = resolve(path);
  const folder = async () => join(await realpath(dirname(whole)), basename(whole));
  return realpath(whole).catch(() => folder().catch(() => whole));
}
