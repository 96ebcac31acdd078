import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BoardFile, readBoardFile } from '../../agent/boards/board-file.ts';
import {
  applicationBuild,
  boardDefines,
  boardSources,
  bootloaderBuild,
  compilerFlags,
  type FirmwareBuild,
  type FirmwareSite,
  linkerFlags,
  type ModelSources,
} from '../../agent/firmware/firmware-build.ts';
import { cacheFolder, findThirdParty } from '../../agent/firmware/third-party.ts';
import { root, run } from './host-c.ts';

/** A folder for the firmware of one board and one test; what may be reused stays between runs. */
export function siteOf(id: string, purpose: string): FirmwareSite {
  const out = join(root, 'build/test', purpose, id);
  mkdirSync(out, { recursive: true });
  const thirdParty = findThirdParty(cacheFolder(process.env));
  return { root, board: readBoardFile(root, id), thirdParty, out };
}

async function build(firmware: FirmwareBuild): Promise<FirmwareBuild> {
  for (const { argv, output, reusable } of firmware.steps) {
    if (reusable && existsSync(output)) continue;
    await run(argv[0], argv.slice(1));
  }
  return firmware;
}

/** Builds the bootloader and returns the path of its ELF file. */
export async function buildBootloader(site: FirmwareSite, key: Uint8Array): Promise<string> {
  return (await build(bootloaderBuild(site, key))).elf;
}

/** Builds the application around test/boards/<model>.c and returns its bytes. */
export async function buildApplication(site: FirmwareSite, model: string): Promise<Uint8Array> {
  const sources: ModelSources = {
    sources: [join(root, 'test/boards', `${model}.c`)],
    includes: [],
    flags: ['-O2'],
  };
  return readFileSync((await build(applicationBuild(site, sources))).bin);
}

/** Builds test/boards/hang.c as an application of its own and returns its bytes. */
export async function buildHanging(site: FirmwareSite): Promise<Uint8Array> {
  const elf = join(site.out, 'hang.elf');
  const bin = join(site.out, 'hang.bin');
  await run('arm-none-eabi-gcc', [
    ...[...compilerFlags(site.board), '-Os', ...boardDefines(site.board)],
    ...[`-I${join(root, 'firmware/boards')}`, `-I${join(root, 'firmware/boot')}`],
    ...[join(root, 'test/boards/hang.c'), ...boardSources(root, site.board)],
    ...[...linkerFlags(root, site.board, 'app'), '-o', elf],
  ]);
  await run('arm-none-eabi-objcopy', ['-O', 'binary', elf, bin]);
  return readFileSync(bin);
}

export function emulatorOf(board: BoardFile): NonNullable<BoardFile['emulated']> {
  if (board.emulated === null) throw new Error(`${board.id} has no emulator`);
  return board.emulated;
}
