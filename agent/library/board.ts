import type { BoardInfo, BoardStats, ResultsReply } from '../../protocol/vendor.ts';
import { systemClock } from '../base/clock.ts';
import { Board } from '../smp/board.ts';
import { BoardLink } from '../smp/link.ts';
import { DEFAULT_BAUD, serialPort } from '../smp/serial.ts';
import type { Framing } from '../smp/session.ts';

export interface BoardOptions {
  /** Default: 115200. */
  readonly baud?: number;
  /** Default: found out. */
  readonly framing?: Framing;
  /** Ends everything that is under way. */
  readonly signal?: AbortSignal;
}

/** A board at a serial port; protocol/VENDOR.md says what its answers mean. Failures are UserErrors. */
export interface OpenBoard {
  /** Who it is; undefined where it speaks SMP but is no board of otolith's. */
  info(): Promise<BoardInfo | undefined>;
  /** Names of the classes of its network. */
  labels(): Promise<readonly string[]>;
  /** Results of windows from a sequence number on; 0 begins with the oldest that it still holds. */
  results(cursor: number): Promise<ResultsReply>;
  /** Its counters since it started. */
  stats(): Promise<BoardStats>;
  /** Gives the port back. */
  close(): Promise<void>;
}

/**
 * Opens a serial port (best named under /dev/serial/by-id) and waits for nothing; the first question fails where no board
 * answers. A board that is unplugged and comes back is taken up again, if it is the same one.
 */
export function openBoard(path: string, options: BoardOptions = {}): OpenBoard {
  const { baud = DEFAULT_BAUD, framing, signal = new AbortController().signal } = options;
  const link = new BoardLink({
    ...{ open: serialPort(path, baud), clock: systemClock, heartbeatMs: 0, firstOpenMs: 0 },
    ...(framing === undefined ? {} : { framing }),
  });
  link.start(signal);
  const board = new Board(link, systemClock);
  return {
    info: () => board.info(signal),
    labels: () => board.labels(signal),
    results: (cursor) => board.results(cursor, signal),
    stats: () => board.stats(signal),
    close: () => link.stop(),
  };
}
