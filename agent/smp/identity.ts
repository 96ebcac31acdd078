import {
  type BoardInfo,
  infoReplySchema,
  VENDOR_GROUP,
  vendorCommand,
} from '../../protocol/vendor.ts';
import type { Call } from './call.ts';

/** Which board it is. */
export interface Identity {
  /** Its kind: a folder in firmware/boards. */
  readonly board: string;
  /** Serial number as hex; empty where it has none, or its firmware is too old to report one. */
  readonly serial: string;
}

export const askWho: Call<BoardInfo> = {
  ...{ task: 'reading the board info', op: 'read', group: VENDOR_GROUP },
  ...{ command: vendorCommand.info, body: {}, reply: infoReplySchema },
};

export function identityOf(info: BoardInfo): Identity {
  return { board: info.board, serial: info.sn };
}

/** Why the two are not one board, in words; undefined where they may be one. */
export function differenceOf(was: Identity, is: Identity): string | undefined {
  if (was.board !== is.board) return `a ${is.board}, not the ${was.board} of before`;
  if (was.serial === '' || is.serial === '' || was.serial === is.serial) return undefined;
  return `serial number ${is.serial}, not ${was.serial}`;
}
