import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { plainText } from '../../protocol/plain-text.ts';
import { UserError } from '../base/errors.ts';
import { didYouMean } from '../base/nearest.ts';
import { boardIds } from './board-ids.ts';

const address = z
  .string()
  .regex(/^0x[0-9a-f]{8}$/)
  .transform((text) => Number.parseInt(text, 16));
const count = z.number().int().positive();
const memory = z.strictObject({ origin: address, bytes: count });

/** Schema of firmware/boards/<id>/board.json; firmware/boards/README.md explains each field. */
export const boardFileSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  title: plainText.max(100),
  core: z.string().regex(/^[a-z0-9-]{1,32}$/),
  /** Processor flags of arm-none-eabi-gcc. */
  flags: z.array(z.string().regex(/^-[mf][a-z0-9][a-z0-9=+.-]*$/)),
  /** Driver sources, relative to firmware/boards. */
  sources: z.array(z.string().regex(/^[a-z0-9-]+\/[a-z0-9_-]+\.c$/)),
  clockHz: count,
  tick: z.strictObject({
    unit: z.enum(['instructions', 'cycles']),
    multiplier: count,
    divisor: count,
  }),
  rom: memory,
  ram: memory,
  stackBytes: count,
  flash: z.strictObject({
    origin: address,
    sectorBytes: count,
    writeBytes: count,
    slotBytes: count,
    slot0: z.number().int().nonnegative(),
    slot1: count,
    state: count,
  }),
  image: z.strictObject({ headerSize: count }),
  interrupts: count,
  uart: z.strictObject({
    address,
    receiveInterrupt: z.number().int().nonnegative(),
    sendInterrupt: z.number().int().nonnegative(),
    baud: count,
    receiveBytes: count,
    sendBytes: count,
  }),
  watchdog: z.strictObject({ address, hz: count, milliseconds: count }),
  smp: z.strictObject({ bufferBytes: count.min(256), bufferCount: count }),
  /** Inference records kept in RAM. */
  records: count,
  /** What estimates of energy rest on; null where no figure is known, and none is invented. */
  power: z
    .strictObject({
      supplyVolts: z.number().positive(),
      microampsPerMegahertz: z.number().positive(),
      source: plainText.max(500),
    })
    .nullable(),
  /** The QEMU machine that stands in for the board, and the bytes of its persistent memory. */
  emulated: z
    .strictObject({ machine: z.string().regex(/^[a-z0-9-]+$/), memoryBytes: count })
    .nullable(),
});

export type BoardFile = Readonly<z.infer<typeof boardFileSchema>>;

/** Bytes of flash from its origin to the end of the boot state, all of which is 0xff when new. */
export function flashBytes(board: BoardFile): number {
  return board.flash.state + 2 * board.flash.sectorBytes;
}

/** Largest signed image (header, body, TLVs) a slot takes: the upload lies one sector in, the trailer has the last. */
export function maxImageBytes(board: BoardFile): number {
  return board.flash.slotBytes - 2 * board.flash.sectorBytes;
}

/** Parses the text of a board.json; `where` names it in errors. */
export function parseBoardFile(text: string, where: string): BoardFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UserError('board-file', `${where} is not JSON`, { cause });
  }
  const parsed = boardFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue === undefined ? '' : ` at ${issue.path.join('.')}: ${issue.message}`;
  throw new UserError('board-file', `${where} is not a board description${path}`, {
    hint: 'firmware/boards/README.md lists the fields',
  });
}

/** Reads firmware/boards/<id>/board.json. */
export function readBoardFile(root: string, id: string): BoardFile {
  const known = boardIds(root);
  if (!known.includes(id)) {
    throw new UserError('board-unknown', `there is no board "${id}"`, {
      hint: didYouMean(id, known),
    });
  }
  const path = join(root, 'firmware/boards', id, 'board.json');
  const board = parseBoardFile(readFileSync(path, 'utf8'), path);
  if (board.id !== id) {
    throw new UserError('board-file', `${path} says id "${board.id}", its folder says "${id}"`);
  }
  return board;
}

/** The emulator that stands in for a board. @throws UserError `not-emulated` */
export function emulatedOf(board: BoardFile): NonNullable<BoardFile['emulated']> {
  if (board.emulated !== null) return board.emulated;
  throw new UserError('not-emulated', `no emulator stands in for ${board.id}`);
}
