import { existsSync } from 'node:fs';
import { readBoardFile } from '../boards/board-file.ts';
import { type EmulatedBoard, emulatedId, parseEmulated } from '../boards/emulated-id.ts';
import { UserError } from '../errors.ts';
import type { BoardSite } from '../firmware/context.ts';
import { buildBootloader, buildFirmware } from '../firmware/firmware.ts';
import type { SigningKey } from '../firmware/keys.ts';
import { packageRoot } from '../root.ts';
import type { OpenPort } from '../smp/port.ts';
import { serialPort } from '../smp/serial.ts';
import { createFlash } from './flash-file.ts';
import { Emulator } from './qemu.ts';
import { announce, type RunningEmulator, runningEmulators } from './registry.ts';

/** An emulated board as one of ours opens it: the one that runs on its flash, else one of our own. */
export class EmulatedPort {
  readonly #id: string;
  readonly #site: BoardSite;
  #own: Emulator | undefined;
  /** The emulator of another process that we had: it is waited for, and nothing is started in its place. */
  #theirs: RunningEmulator | undefined;

  constructor(id: string, site: BoardSite) {
    this.#id = id;
    this.#site = site;
  }

  readonly open: OpenPort = async (signal) => {
    const { stateDir } = this.#site;
    const board = await parseEmulated(this.#id, stateDir);
    const running = (await runningEmulators(stateDir)).find(({ flash }) => flash === board.flash);
    if (running !== undefined && running.board !== board.kind) {
      throw new UserError('board-unknown', `${board.flash} is the flash of a ${running.board}`);
    }
    if (running !== undefined) {
      if (running.pid !== this.#own?.pid) this.#theirs = running;
      return serialPort(running.port)(signal);
    }
    if (this.#theirs !== undefined) throw await ended(this.#theirs, stateDir);
    return serialPort(await this.#start(board, signal))(signal);
  };

  /** Ends the emulator where it is ours. */
  async stop(): Promise<void> {
    await this.#own?.stop();
  }

  async #start(board: EmulatedBoard, signal: AbortSignal): Promise<string> {
    const { kind, flash } = board;
    const again = this.#own !== undefined;
    // One of ours that ended by itself still holds its flash file.
    await this.#own?.stop();
    if (again && !existsSync(flash)) {
      throw new UserError('board-absent', `the board is gone with its flash file ${flash}`);
    }
    const own = await prepareEmulator(board, this.#site, { signal });
    this.#own = own;
    await own.start(signal);
    // Other commands see it, and are told who owns it. Its entry goes when its process has ended.
    await announce(this.#site.stateDir, { board: kind, port: own.pty, pid: own.pid, flash });
    return own.pty;
  }
}

async function ended(emulator: RunningEmulator, stateDir: string): Promise<UserError> {
  const id = await emulatedId({ kind: emulator.board, flash: emulator.flash }, stateDir);
  const command = `otolith emulate ${id.replace('emulated:', '')}`;
  const what = `the emulator of ${id} (process ${emulator.pid}) has ended`;
  return new UserError('board-absent', what, { hint: `start it again: ${command}` });
}

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Leave a new flash erased, so that the board waits in serial recovery. */
  readonly empty?: boolean;
}

/** An emulator ready to start: bootloader built, and a flash file that holds factory firmware if it is new. */
export async function prepareEmulator(
  { kind, flash }: EmulatedBoard,
  site: Pick<BoardSite, 'cache' | 'key'>,
  options: PrepareOptions,
): Promise<Emulator> {
  const board = readBoardFile(packageRoot, kind);
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
