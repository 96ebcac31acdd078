import { type BoardFile, maxImageBytes } from '../boards/board-file.ts';
import { boardDefines, HANDOVER_BYTES } from './board-defines.ts';
import type { BuildPlan, SourceGroup } from './plan.ts';
import { coreOf, type Target } from './target.ts';
import { sodiumGroup, THIRD_PARTY_INCLUDES, ZCBOR_DEFINE, zcborGroup } from './third-party.ts';

const smp = named('smp', [
  ...['board_info', 'cbor', 'console', 'crc16', 'image_group', 'image_upload', 'os_group', 'smp'],
]);
const storage = named('boot', [
  ...['boot', 'crc32', 'image', 'refusal', 'sha256', 'slots', 'sodium_port', 'state', 'swap'],
  ...['trailer', 'upload'],
]);
const boot = named('boot', ['ed25519', 'main', 'recovery']);
const app = named('app', ['app', 'bench', 'intake', 'main', 'records', 'runner', 'vendor_group']);

/** The parts of the firmware, as tests of this machine take them. */
export const FIRMWARE_SOURCES = { smp, storage, boot, app } as const;

function named(folder: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `firmware/${folder}/${name}.c`);
}

/** A board as what C is compiled for. */
export function boardTarget(board: BoardFile): Extract<Target, { readonly kind: 'board' }> {
  return { kind: 'board', core: coreOf(board.core), flags: board.flags };
}

/** How generated C is compiled, wherever it runs: what is measured is what ships. */
export function modelGroup(
  target: Target,
  sources: readonly string[],
  defines: readonly string[] = [],
): SourceGroup {
  return {
    origin: 'generated',
    sources,
    // Sanitizers find more, and sooner, in what is not optimised away.
    optimise: target.kind === 'host' ? '-O1' : '-O3',
    defines,
    includes: kernelIncludes(target),
    systemIncludes: [],
  };
}

/** Folders of the kernels' headers, and of the C library they need where there is none. */
export function kernelIncludes(target: Target): readonly string[] {
  return target.kind === 'wasm' ? ['firmware/nn', 'firmware/wasm'] : ['firmware/nn'];
}

/** C around generated C: drivers of a bench, test programs, the module of the gateway. */
export function driverGroup(
  target: Target,
  group: Pick<SourceGroup, 'sources'> & Partial<Pick<SourceGroup, 'defines' | 'includes'>>,
): SourceGroup {
  const { sources, defines = [], includes = [] } = group;
  const common = modelGroup(target, sources, defines);
  return { ...common, origin: 'ours', includes: [...common.includes, ...includes] };
}

/** The board's own sources. */
export function boardSources(board: BoardFile): readonly string[] {
  return board.sources.map((source) => `firmware/boards/${source}`);
}

function firmwareGroup(
  board: BoardFile,
  sources: readonly string[],
  defines: readonly string[] = [],
): SourceGroup {
  return {
    origin: 'ours',
    sources,
    optimise: '-Os',
    defines: [...boardDefines(board), ZCBOR_DEFINE, ...defines],
    includes: ['boards', 'boot', 'smp', 'app', 'nn'].map((folder) => `firmware/${folder}`),
    systemIncludes: THIRD_PARTY_INCLUDES,
  };
}

/** The bootloader, with the 32-byte Ed25519 key it trusts compiled in. Its ELF file is what an emulator starts. */
export function bootloaderPlan(board: BoardFile, publicKey: Uint8Array): BuildPlan {
  const key = `-DOTO_BOOT_KEY={${Array.from(publicKey).join(',')}}`;
  const sources = [...boot, ...storage, ...smp, ...boardSources(board)];
  const groups = [firmwareGroup(board, sources, [key]), sodiumGroup(true), zcborGroup];
  return { target: boardTarget(board), groups, ...boardLink(board, 'boot') };
}

/** The application around a model's generated C, or without one: optimised for size, the model for speed. */
export function applicationPlan(board: BoardFile, model: readonly string[] = []): BuildPlan {
  const target = boardTarget(board);
  const groups = [
    firmwareGroup(board, [...app, ...storage, ...smp]),
    modelGroup(target, model),
    firmwareGroup(board, boardSources(board)),
    ...[sodiumGroup(false), zcborGroup],
  ];
  return { target, groups, ...boardLink(board, 'app') };
}

/** What a program of its own for a board has besides itself: drivers, and its place in ROM, without bootloader. */
export function boardParts(board: BoardFile): {
  readonly sources: readonly string[];
  readonly includes: readonly string[];
  readonly defines: readonly string[];
  readonly link: readonly string[];
  readonly linkScript?: string | undefined;
} {
  return {
    sources: ['firmware/boards/arm/semihost.c', ...boardSources(board)],
    includes: ['firmware/boards', 'firmware/boards/arm', 'firmware/boot'],
    defines: boardDefines(board),
    ...boardLink(board, 'bench'),
  };
}

/** Where a program is linked: the bootloader or a bench in ROM, the application in slot 0. */
export type LinkScript = 'boot' | 'app' | 'bench';

/** How a program is linked by one of the scripts in firmware/boards/arm. */
export function boardLink(
  board: BoardFile,
  script: LinkScript,
): Pick<BuildPlan, 'link' | 'linkScript'> {
  const symbols: Readonly<Record<string, number>> = {
    OTO_ROM_ORIGIN: board.rom.origin,
    OTO_ROM_BYTES: board.rom.bytes,
    OTO_RAM_ORIGIN: board.ram.origin,
    OTO_RAM_BYTES: board.ram.bytes,
    OTO_HANDOVER_BYTES: HANDOVER_BYTES,
    OTO_STACK_BYTES: board.stackBytes,
    OTO_SLOT0_ORIGIN: board.flash.origin + board.flash.slot0,
    OTO_IMAGE_HEADER_BYTES: board.image.headerSize,
    OTO_APP_MAX_BYTES: maxImageBytes(board) - board.image.headerSize,
  };
  const link = [
    ...['-nostartfiles', '--specs=nano.specs', '-Wl,--gc-sections'],
    ...['-Wl,--fatal-warnings', '-Wl,--no-warn-rwx-segments'],
    ...Object.entries(symbols).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
  ];
  return { link, linkScript: `${script}.ld` };
}
