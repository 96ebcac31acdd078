import { existsSync } from 'node:fs';
import { packageRoot } from '../base/root.ts';
import { type BoardFile, readBoardFile } from '../boards/board-file.ts';
import type { EmulatedBoard } from '../boards/emulated-id.ts';
import type { BoardContext } from '../firmware/context.ts';
import { buildBootloader, buildFirmware } from '../firmware/firmware.ts';
import type { FirmwareOptions } from '../firmware/firmware-cache.ts';
import type { SigningKey } from '../firmware/keys.ts';
import { createFlash } from './flash-file.ts';
import { Emulator } from './qemu.ts';

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Leave a new flash erased, so that the board waits in serial recovery. */
  readonly empty?: boolean;
}

/** An emulator ready to start: bootloader built, and a flash file that holds factory firmware if it is new. */
export async function prepareEmulator(
  { kind, flash }: EmulatedBoard,
  context: Pick<BoardContext, 'cache' | 'key'>,
  options: PrepareOptions,
): Promise<Emulator> {
  const board = readBoardFile(packageRoot, kind);
  const key = await context.key();
  const build = { cache: context.cache, signal: options.signal };
  const bootloader = await buildBootloader(board, key.publicKey, build);
  if (!existsSync(flash)) {
    const image = options.empty === true ? undefined : await factoryImage(board, key, build);
    await createFlash(board, flash, image);
  }
  return new Emulator({ board, bootloader, flash });
}

async function factoryImage(
  board: BoardFile,
  key: SigningKey,
  build: FirmwareOptions,
): Promise<Uint8Array> {
  const version = { major: 0, minor: 0, revision: 1, build: 0 };
  const release = { version, securityCounter: 0 };
  return (await buildFirmware(board, undefined, key, release, build)).bytes;
}
