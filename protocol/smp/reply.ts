import { z } from 'zod';
import type { CborMap } from '../cbor.ts';

/** Return codes of the protocol itself (Zephyr `enum mcumgr_err_t`). */
export const smpError = {
  ok: 0,
  unknown: 1,
  nomem: 2,
  inval: 3,
  timeout: 4,
  noent: 5,
  badstate: 6,
  msgsize: 7,
  notsup: 8,
  corrupt: 9,
  busy: 10,
  denied: 11,
  tooOld: 12,
  tooNew: 13,
} as const;

/** What a reply says before its own schema is looked at. `group` is undefined for errors of the protocol. */
export type ReplyOutcome =
  | { readonly type: 'done'; readonly body: CborMap }
  | { readonly type: 'refused'; readonly group: number | undefined; readonly code: number };

const errSchema = z.object({ group: z.int().min(0), rc: z.int().min(0) });
const rcSchema = z.int();

/** Tells both error forms apart from success; a zero in either is success, as older servers send it. */
export function outcomeOf(body: CborMap): ReplyOutcome {
  const err = errSchema.safeParse(body.err);
  if (err.success && err.data.rc !== 0) {
    return { type: 'refused', group: err.data.group, code: err.data.rc };
  }
  const rc = rcSchema.safeParse(body.rc);
  if (rc.success && rc.data !== 0) return { type: 'refused', group: undefined, code: rc.data };
  return { type: 'done', body };
}

const protocolWords: Readonly<Record<number, string>> = {
  1: 'unknown error',
  2: 'out of memory',
  3: 'invalid value',
  4: 'timed out',
  5: 'no such entry',
  6: 'wrong state',
  7: 'reply too large',
  8: 'not supported',
  9: 'corrupt',
  10: 'busy',
  11: 'denied',
  12: 'protocol version too old',
  13: 'protocol version too new',
};

/** Errors of the image group in version 2 (Zephyr `enum img_mgmt_err_code_t`). */
const imageWords: Readonly<Record<number, string>> = {
  8: 'no image with this hash',
  9: 'no free slot: the image that runs is on trial, or the slot is in use',
  12: 'writing flash failed',
  13: 'erasing flash failed',
  14: 'no such slot',
  21: 'image length missing',
  23: 'not an MCUboot image',
  24: 'image hash or signature wrong',
  27: 'image not newer than what the board accepts',
  28: 'another image waits to be tested',
  30: 'image too large for the slot',
  31: 'more data than announced',
  32: 'confirming denied',
  33: 'the image that runs cannot be tested',
};

/** A refusal in words, with its numbers to look up. */
export function refusalWords(group: number | undefined, code: number): string {
  const word = group === 1 ? imageWords[code] : protocolWords[code];
  const where = group === undefined ? `rc ${code}` : `group ${group} rc ${code}`;
  return word === undefined ? where : `${word} (${where})`;
}
