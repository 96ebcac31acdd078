import type { InferenceRecord, ResetCause, ResultsReply, TickUnit } from '../../protocol/vendor.ts';
import type { Board } from './board.ts';

/** Where reading goes on; to be kept with whatever the records were handed to. */
export interface Cursor {
  readonly boots: number;
  readonly seq: number;
}

/** Records of one boot, with what they share. */
export interface Reading {
  readonly records: readonly InferenceRecord[];
  readonly boots: number;
  readonly reset: ResetCause;
  readonly clockHz: number;
  readonly unit: TickUnit;
  /** Records that were overwritten before they could be read, since the last reading. */
  readonly missed: number;
  /** The board has been reset since the last reading. */
  readonly rebooted: boolean;
  readonly next: Cursor;
}

export const startCursor: Cursor = { boots: 0, seq: 0 };

/** Reads the records behind the cursor, as many as one reply holds. Pure apart from the request. */
export async function readResults(
  board: Board,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Reading> {
  const reply = await board.results(cursor.seq, signal);
  if (reply.boots === cursor.boots || cursor.seq === 0) return readingOf(cursor, reply);
  // Sequence numbers began again with the boot: what the old cursor would skip has not been seen.
  return readingOf({ boots: cursor.boots, seq: 0 }, await board.results(0, signal));
}

/** What a reply means for a cursor. */
export function readingOf(cursor: Cursor, reply: ResultsReply): Reading {
  const records = reply.recs.filter((record) => record.seq >= cursor.seq);
  const from = Math.max(cursor.seq, 1);
  const last = records.at(-1);
  return {
    records,
    boots: reply.boots,
    reset: reply.reset,
    clockHz: reply.clk,
    unit: reply.unit,
    missed: Math.max(0, reply.first - from),
    rebooted: cursor.boots !== 0 && cursor.boots !== reply.boots,
    next: {
      boots: reply.boots,
      seq: last === undefined ? Math.max(from, reply.first) : last.seq + 1,
    },
  };
}
