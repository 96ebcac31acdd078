import { type ChildProcess, type spawn as nodeSpawn, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../base/errors.ts';
import { toolHint } from '../base/set-up-hint.ts';
import { type BoardFile, emulatedOf } from '../boards/board-file.ts';
import { startLimit } from '../build/time-limit.ts';
import { lockPort } from '../smp/lock.ts';
import { stampSerial } from './flash-file.ts';

/** On a PC; a slower machine gets more. */
const START_MS = 15_000;
const KILL_MS = 2000;
/** The multiplexer's escape character, as no byte ever is: all of them are the board's. */
const NO_ESCAPE = '0x100';

export interface EmulatorOptions {
  readonly board: BoardFile;
  /** ELF of the bootloader, which acts as the board's ROM. */
  readonly bootloader: string;
  /** The file that keeps the board's flash across power cuts. */
  readonly flash: string;
  readonly spawn?: typeof nodeSpawn;
}

/** A board of QEMU: a child process that ends with this one; its UART is a pty that others may open. */
export class Emulator {
  readonly #options: EmulatorOptions;
  #child: ChildProcess | undefined;
  #hold: FileHandle | undefined;
  #release: (() => Promise<void>) | undefined;
  #pty = '';

  constructor(options: EmulatorOptions) {
    this.#options = options;
  }

  /** Path of the board's serial port. */
  get pty(): string {
    return this.#pty;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return (
      this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
    );
  }

  /** Powers the board. @throws UserError `flash-missing`, `port-busy` (the flash is another's), `emulator` */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { flash } = this.#options;
    if (!existsSync(flash)) throw new UserError('flash-missing', `there is no flash file ${flash}`);
    this.#release = await lockPort(flash);
    try {
      await stampSerial(this.#options.board, flash);
      this.#child = this.#spawn();
      this.#pty = await ptyOf(this.#child, signal, this.#options.spawn);
      // With nobody at the pty QEMU looks for listeners only once a second; holding it open keeps the line lively.
      this.#hold = await open(this.#pty, constants.O_RDWR | constants.O_NOCTTY);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Resolves when the emulator has ended, by itself or not. */
  async ended(): Promise<void> {
    if (this.#child !== undefined && this.running) await once(this.#child, 'exit');
  }

  /** Ends the emulator and waits for it; as a power cut, the flash keeps what was written. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && this.running) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
      await exited;
      clearTimeout(timer);
    }
    await this.#hold?.close();
    this.#hold = undefined;
    await this.#release?.();
    this.#release = undefined;
  }

  #spawn(): ChildProcess {
    const args = machineArguments(this.#options, 'pty');
    // setpriv has the kernel end the emulator when we are killed and cannot do so ourselves.
    return (this.#options.spawn ?? spawn)(
      'setpriv',
      ['--pdeathsig', 'TERM', 'qemu-system-arm', ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
  }
}

/** How QEMU's command line names the flash file; a comma would begin another option. */
export function memoryPath(flash: string): string {
  return `mem-path=${flash.replaceAll(',', ',,')}`;
}

/** QEMU's arguments for a board whose UART is a pty of its own, or the process's standard streams. */
export function machineArguments(
  { board, bootloader, flash }: Pick<EmulatorOptions, 'board' | 'bootloader' | 'flash'>,
  uart: 'pty' | 'stdio',
): readonly string[] {
  const { machine, memoryBytes } = emulatedOf(board);
  const memory = `memory-backend-file,id=nv,size=${memoryBytes},${memoryPath(flash)},share=on`;
  return [
    ...['-M', `${machine},memory-backend=nv`, '-object', memory, '-icount', 'shift=0'],
    ...['-display', 'none', '-monitor', 'none', '-kernel', bootloader],
    // This UART holds one byte: fed directly, every byte costs QEMU's threads a turn each. The
    // multiplexer holds 32, which the driver takes in one interrupt.
    ...['-chardev', `${uart},id=uart,mux=on`, '-serial', 'chardev:uart', '-echr', NO_ESCAPE],
  ];
}

/** Waits for QEMU to say which pty it took. */
function ptyOf(
  child: ChildProcess,
  signal: AbortSignal,
  spawn: typeof nodeSpawn | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const settle = (act: () => void): void => {
      unlimit();
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    const fail = (why: string, cause?: unknown): void => {
      const hint = toolHint('qemu-system-arm');
      const missing = /ENOENT|failed to execute|not found/.test(why);
      const code = missing ? 'tool-missing' : 'emulator';
      const what = `the emulator did not start: ${why}`;
      settle(() => reject(new UserError(code, what, { hint, cause })));
    };
    const limit = { tool: 'qemu-system-arm', usualMs: START_MS, spawn } as const;
    const unlimit = startLimit(limit, (ms) => {
      fail(`it named no serial port within ${Math.round(ms / 1000)} s`);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    const listen = (text: string): void => {
      output = (output + text).slice(-4096);
      const found = /char device redirected to (\S+)/.exec(output)?.[1];
      if (found !== undefined) settle(() => resolve(found));
    };
    child.stdout?.setEncoding('utf8').on('data', listen);
    child.stderr?.setEncoding('utf8').on('data', listen);
    child.once('error', (cause) => fail(cause.message, cause));
    child.once('exit', () => fail(output.trim().split('\n').at(-1) ?? 'it ended at once'));
  });
}
