import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { packageRoot } from '../root.ts';
import { Board } from './board.ts';
import { readBoardFile } from './board-file.ts';
import { boardIds } from './board-ids.ts';
import { systemClock } from './clock.ts';
import { locate } from './discover.ts';
import { buildBootloader, buildFirmware } from './firmware.ts';
import type { SigningKey } from './keys.ts';
import { Link, type LinkState } from './link.ts';
import type { OpenPort } from './port.ts';
import { createFlash, Emulator } from './qemu.ts';
import { announce, runningEmulators } from './registry.ts';
import { DEFAULT_BAUD, serialPort } from './serial.ts';
import type { Framing } from './session.ts';

const EMULATED = 'emulated:';

/** What every use of boards shares. */
export interface BoardSite {
  /** Where flash files and the list of running emulators lie. */
  readonly stateDir: string;
  /** Where builds are kept. */
  readonly cache: string;
  /** The key that boards of this site trust; asked for when an emulated board is made. */
  readonly key: () => Promise<SigningKey>;
}

export interface AttachOptions {
  readonly baud?: number;
  readonly framing?: Framing;
  readonly heartbeatMs?: number;
  /** How long to wait for a board that is not there yet; 0 says so at once. */
  readonly firstOpenMs?: number;
  readonly onText?: (line: string) => void;
  readonly onState?: (state: LinkState) => void;
}

/** A board in use; `stop` gives its port back and ends its emulator if we started one. */
export interface Attached {
  readonly id: string;
  readonly board: Board;
  stop(): Promise<void>;
}

/**
 * Takes a board by id: `emulated:cortex-m4`, `serial:NUMBER`, or a path (best under /dev/serial/by-id). An emulated
 * board that runs already is used as it is; else it is started, and ended with `stop`.
 */
export function attach(
  id: string,
  site: BoardSite,
  signal: AbortSignal,
  options: AttachOptions = {},
): Attached {
  const emulators: Emulator[] = [];
  const open = id.startsWith(EMULATED)
    ? emulatedPort(id.slice(EMULATED.length), site, emulators)
    : locatedPort(id, site.stateDir, options.baud ?? DEFAULT_BAUD);
  const link = new Link({ ...options, open, clock: systemClock });
  link.start(signal);
  return {
    id,
    board: new Board(link, systemClock),
    stop: async () => {
      await link.stop();
      await Promise.all(emulators.map((emulator) => emulator.stop()));
    },
  };
}

function locatedPort(id: string, stateDir: string, baud: number): OpenPort {
  return async (signal) => serialPort(await locate(id, stateDir), baud)(signal);
}

function emulatedPort(boardId: string, site: BoardSite, emulators: Emulator[]): OpenPort {
  return async (signal) => {
    const all = await runningEmulators(site.stateDir);
    const running = all.find((emulator) => emulator.board === boardId);
    if (running !== undefined) return serialPort(running.port)(signal);
    // One of ours that ended by itself still holds its flash file.
    await Promise.all(emulators.splice(0).map((emulator) => emulator.stop()));
    const mine = await prepareEmulator(boardId, site, { signal });
    emulators.push(mine);
    await mine.start(signal);
    const flash = defaultFlash(site.stateDir, boardId);
    // Other commands see it, and are told who owns it. Its entry goes when its process has ended.
    await announce(site.stateDir, { board: boardId, port: mine.pty, pid: mine.pid, flash });
    return serialPort(mine.pty)(signal);
  };
}

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Flash file; default: one per board under the state folder. */
  readonly flash?: string;
  /** Leave a new flash erased, so that the board waits in serial recovery. */
  readonly empty?: boolean;
}

export function defaultFlash(stateDir: string, boardId: string): string {
  return join(stateDir, 'boards', `${boardId}.flash`);
}

/** An emulator ready to start: bootloader built, and a flash file that holds factory firmware if it is new. */
export async function prepareEmulator(
  boardId: string,
  site: BoardSite,
  options: PrepareOptions,
): Promise<Emulator> {
  if (!boardIds(packageRoot).includes(boardId)) {
    throw new UserError('board-unknown', `there is no emulated board "${boardId}"`, {
      mend: `there are: ${boardIds(packageRoot).join(', ')}`,
    });
  }
  const board = readBoardFile(packageRoot, boardId);
  const flash = options.flash ?? defaultFlash(site.stateDir, boardId);
  const key = await site.key();
  const build = { cache: site.cache, signal: options.signal };
  const bootloader = await buildBootloader(board, key.publicKey, build);
  if (!existsSync(flash)) {
    const image = options.empty === true ? undefined : await factoryImage(board, key, build);
    await createFlash(board, flash, image);
  }
  return new Emulator({ board, bootloader, flash });
}

async function factoryImage(
  board: ReturnType<typeof readBoardFile>,
  key: SigningKey,
  build: { readonly cache: string; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const version = { major: 0, minor: 0, revision: 1, build: 0 };
  const release = { version, securityCounter: 0 };
  return (await buildFirmware(board, undefined, key, release, build)).bytes;
}
