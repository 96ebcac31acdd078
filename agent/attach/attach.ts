import { type Clock, systemClock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { isEmulatedId } from '../boards/emulated-id.ts';
import { EmulatedPort } from '../emulator/emulated-port.ts';
import { runningEmulators } from '../emulator/registry.ts';
import type { BoardContext } from '../firmware/context.ts';
import { Board } from '../smp/board.ts';
import { BoardLink, type BoardLinkState } from '../smp/link.ts';
import type { OpenPort } from '../smp/port.ts';
import { DEFAULT_BAUD, serialPort } from '../smp/serial.ts';
import type { Framing } from '../smp/session.ts';
import { locate } from './discover.ts';

export interface AttachOptions {
  readonly clock?: Clock;
  readonly baud?: number;
  readonly framing?: Framing;
  readonly heartbeatMs?: number;
  /** How long to wait for a board that is not there yet; 0 says so at once. */
  readonly firstOpenMs?: number;
  /** How long to wait for one that was lost. */
  readonly reopenMs?: number;
  readonly onText?: (line: string) => void;
  readonly onState?: (state: BoardLinkState) => void;
}

/** A board in use; `stop` gives its port back and ends its emulator if we started one. */
export interface Attached {
  readonly id: string;
  readonly board: Board;
  stop(): Promise<void>;
}

interface BoardPort {
  /** Makes what opening needs and is not there yet. */
  prepare(signal: AbortSignal): Promise<void>;
  readonly open: OpenPort;
  stop(): Promise<void>;
}

/**
 * Takes a board by id: `emulated:cortex-m4` (see parseEmulated), `serial:NUMBER`, or a path (best under
 * /dev/serial/by-id). An emulated board that runs already is used as it is; else it is started, and ended with `stop`.
 * However often it is opened again, it stays this very board.
 */
export function attach(
  id: string,
  context: BoardContext,
  signal: AbortSignal,
  options: AttachOptions = {},
): Attached {
  const port = isEmulatedId(id)
    ? new EmulatedPort(id, context)
    : new LocatedPort(id, context, options.baud ?? DEFAULT_BAUD);
  const { clock = systemClock } = options;
  const link = new BoardLink({
    ...{ ...options, open: port.open, clock },
    prepare: (abort) => port.prepare(abort),
  });
  link.start(signal);
  return {
    id,
    board: new Board(link, clock),
    stop: async () => {
      await link.stop();
      await port.stop();
    },
  };
}

/** A port on this machine; where an emulator is behind it, that emulator, since its number may become another's. */
class LocatedPort implements BoardPort {
  readonly #id: string;
  readonly #context: BoardContext;
  readonly #baud: number;
  #serialNumber: string | undefined;
  #emulated: EmulatedPort | undefined;

  constructor(id: string, context: BoardContext, baud: number) {
    this.#id = id;
    this.#context = context;
    this.#baud = baud;
  }

  /** A device is there or not. */
  async prepare(): Promise<void> {}

  readonly open: OpenPort = async (signal) => {
    if (this.#emulated !== undefined) return this.#emulated.open(signal);
    const { path, serialNumber } = await locate(this.#id, this.#context.stateDir);
    const emulators = await runningEmulators(this.#context.stateDir);
    const emulator = emulators.find(({ port }) => port === path);
    if (emulator !== undefined) {
      this.#emulated = new EmulatedPort(emulator.id, this.#context, emulator);
      return this.#emulated.open(signal);
    }
    const known = this.#serialNumber;
    if (known !== undefined && serialNumber !== undefined && serialNumber !== known) {
      throw new UserError('board-other', `${this.#id} has the serial number ${serialNumber} now`, {
        hint: `plug in ${known}, which was there before`,
      });
    }
    const port = await serialPort(path, this.#baud)(signal);
    this.#serialNumber = known ?? serialNumber;
    return port;
  };

  async stop(): Promise<void> {
    await this.#emulated?.stop();
  }
}
