import { existsSync } from 'node:fs';
import { UserError } from '../base/errors.ts';
import { type EmulatedBoard, emulatedId, parseEmulated } from '../boards/emulated-id.ts';
import type { BoardContext } from '../firmware/context.ts';
import type { OpenPort } from '../smp/port.ts';
import { serialPort } from '../smp/serial.ts';
import { prepareEmulator } from './prepare.ts';
import type { Emulator } from './qemu.ts';
import { announce, type RunningEmulator, runningEmulators } from './registry.ts';

/** An emulated board's port: of the emulator that runs on its flash file, else of one that it starts. */
export class EmulatedPort {
  readonly #id: string;
  readonly #context: BoardContext;
  /** The emulator of this process, once it is prepared; `#started` when it has ever run. */
  #own: Emulator | undefined;
  #started = false;
  /** The emulator of another process that we had: it is waited for, and nothing is started in its place. */
  #theirs: RunningEmulator | undefined;

  constructor(id: string, context: BoardContext, theirs?: RunningEmulator) {
    this.#id = id;
    this.#context = context;
    this.#theirs = theirs;
  }

  /** Makes what an emulator of our own needs, unless another process runs the board: firmware and a flash file. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { board, running } = await this.#look();
    if (running === undefined) this.#own = await prepareEmulator(board, this.#context, { signal });
    else this.#theirs = running;
  }

  /** Opens the port of the running emulator, or starts one of its own. */
  readonly open: OpenPort = async (signal) => {
    const { board, running } = await this.#look();
    if (running !== undefined) {
      if (running.pid !== this.#own?.pid) this.#theirs = running;
      return serialPort(running.port)(signal);
    }
    if (this.#theirs !== undefined) throw await ended(this.#theirs, this.#context.stateDir);
    if (this.#own === undefined) throw new Error('an emulator is prepared before it is opened');
    return serialPort(await this.#start(this.#own, board, signal))(signal);
  };

  /** Ends the emulator where it is ours. */
  async stop(): Promise<void> {
    await this.#own?.stop();
  }

  /** Which board it is, and the emulator that runs it now. */
  async #look(): Promise<{
    readonly board: EmulatedBoard;
    readonly running: RunningEmulator | undefined;
  }> {
    const { stateDir } = this.#context;
    const board = await parseEmulated(this.#id, stateDir);
    const running = (await runningEmulators(stateDir)).find(({ flash }) => flash === board.flash);
    if (running === undefined || running.board === board.kind) return { board, running };
    throw new UserError('board-unknown', `${board.flash} is the flash of a ${running.board}`);
  }

  async #start(
    own: Emulator,
    { kind, flash }: EmulatedBoard,
    signal: AbortSignal,
  ): Promise<string> {
    // An emulator of this process that ended by itself still holds its flash file.
    await own.stop();
    if (this.#started && !existsSync(flash)) {
      throw new UserError('board-absent', `the board is gone with its flash file ${flash}`);
    }
    await own.start(signal);
    this.#started = true;
    // Other commands see it, and are told who owns it. Its entry goes when its process has ended.
    await announce(this.#context.stateDir, { board: kind, port: own.pty, pid: own.pid, flash });
    return own.pty;
  }
}

async function ended(emulator: RunningEmulator, stateDir: string): Promise<UserError> {
  const id = await emulatedId({ kind: emulator.board, flash: emulator.flash }, stateDir);
  const command = `otolith emulate ${id.replace('emulated:', '')}`;
  const what = `the emulator of ${id} (process ${emulator.pid}) has ended`;
  return new UserError('board-absent', what, { hint: `start it again: ${command}` });
}
