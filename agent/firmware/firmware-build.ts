import { join } from 'node:path';
import type { BoardFile } from '../boards/board-file.ts';
import { flashBytes, maxImageBytes } from '../boards/board-file.ts';
import type { ThirdParty } from './third-party.ts';

/** One command of a build, to be run in order by whoever owns child processes. Nothing goes through a shell. */
export type BuildStep = {
  readonly argv: readonly [string, ...string[]];
  /** What it writes. */
  readonly output: string;
  /** The output depends only on the board and on pinned sources: when it is there, the step may be skipped. */
  readonly reusable: boolean;
  /** Compiles generated C: the folders that it may read. */
  readonly confined?: readonly string[];
};

/** Bytes at the end of RAM that survive a reset (oto_handover in firmware/boards/board.h). */
const handoverBytes = 64;

const warnings = ['-Wall', '-Wextra', '-Werror', '-Wconversion'];
const code = ['-std=c11', '-mthumb', '-ffunction-sections', '-fdata-sections', '-g'];

/** Processor and language flags of every C file compiled for a board, without optimisation. */
export function compilerFlags(board: BoardFile): readonly string[] {
  return [...board.flags, ...code, ...warnings];
}

/** The values of board.json as the C sources see them. */
export function boardDefines(board: BoardFile): readonly string[] {
  const { flash, uart, watchdog, power } = board;
  const numbers: Readonly<Record<string, number>> = {
    OTO_IRQ_COUNT: board.interrupts,
    OTO_CLOCK_HZ: board.clockHz,
    OTO_TICK_HZ: Math.round((board.clockHz * board.tick.multiplier) / board.tick.divisor),
    OTO_TICK_MULTIPLIER: board.tick.multiplier,
    OTO_TICK_DIVISOR: board.tick.divisor,
    OTO_HANDOVER_ADDRESS: board.ram.origin + board.ram.bytes - handoverBytes,
    OTO_UART_ADDRESS: uart.address,
    OTO_UART_RX_IRQ: uart.receiveInterrupt,
    OTO_UART_TX_IRQ: uart.sendInterrupt,
    OTO_UART_BAUD: uart.baud,
    OTO_UART_RX_BYTES: uart.receiveBytes,
    OTO_UART_TX_BYTES: uart.sendBytes,
    OTO_UART_STALL_MS: 500,
    OTO_WATCHDOG_ADDRESS: watchdog.address,
    OTO_WATCHDOG_HZ: watchdog.hz,
    OTO_WATCHDOG_MS: watchdog.milliseconds,
    OTO_FLASH_ORIGIN: flash.origin,
    OTO_FLASH_BYTES: flashBytes(board),
    OTO_FLASH_SECTOR_BYTES: flash.sectorBytes,
    OTO_FLASH_WRITE_BYTES: flash.writeBytes,
    OTO_SLOT_BYTES: flash.slotBytes,
    OTO_SLOT0: flash.slot0,
    OTO_SLOT1: flash.slot1,
    OTO_STATE: flash.state,
    OTO_IMAGE_HEADER_BYTES: board.image.headerSize,
    OTO_SMP_BUFFER_BYTES: board.smp.bufferBytes,
    OTO_SMP_BUFFER_COUNT: board.smp.bufferCount,
    OTO_RECORD_COUNT: board.records,
    // 1 V x 1 uA/MHz is 1 pJ per cycle.
    OTO_PICOJOULES_PER_TICK:
      power === null ? 0 : Math.round(power.supplyVolts * power.microampsPerMegahertz),
  };
  return [
    ...Object.entries(numbers).map(([name, value]) => `-D${name}=${value}u`),
    `-DOTO_BOARD_ID="${board.id}"`,
    `-DOTO_BOARD_CORE="${board.core}"`,
    `-DOTO_TICK_UNIT="${board.tick.unit}"`,
  ];
}

/** Where a program is linked: the bootloader or a bench in ROM, the application in slot 0. */
export type LinkScript = 'boot' | 'app' | 'bench';

/** Linker flags for one of the scripts in firmware/boards/arm. */
export function linkerFlags(root: string, board: BoardFile, script: LinkScript): readonly string[] {
  const symbols: Readonly<Record<string, number>> = {
    OTO_ROM_ORIGIN: board.rom.origin,
    OTO_ROM_BYTES: board.rom.bytes,
    OTO_RAM_ORIGIN: board.ram.origin,
    OTO_RAM_BYTES: board.ram.bytes,
    OTO_HANDOVER_BYTES: handoverBytes,
    OTO_STACK_BYTES: board.stackBytes,
    OTO_SLOT0_ORIGIN: board.flash.origin + board.flash.slot0,
    OTO_IMAGE_HEADER_BYTES: board.image.headerSize,
    OTO_APP_MAX_BYTES: maxImageBytes(board) - board.image.headerSize,
  };
  return [
    '-nostartfiles',
    '--specs=nano.specs',
    '-Wl,--gc-sections',
    '-Wl,--fatal-warnings',
    '-Wl,--no-warn-rwx-segments',
    ...Object.entries(symbols).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
    `-L${join(root, 'firmware/boards/arm')}`,
    `-T${join(root, 'firmware/boards/arm', `${script}.ld`)}`,
  ];
}

/** The board's own sources, as absolute paths. */
export function boardSources(root: string, board: BoardFile): readonly string[] {
  return board.sources.map((source) => join(root, 'firmware/boards', source));
}

/** What the builds have in common. */
export type FirmwareSite = {
  /** Folder of package.json. */
  readonly root: string;
  readonly board: BoardFile;
  readonly thirdParty: ThirdParty;
  /** Folder for everything written; it must exist. */
  readonly out: string;
};

export type FirmwareBuild = {
  /** To be run in order. */
  readonly steps: readonly BuildStep[];
  readonly elf: string;
  /** Raw bytes from the vector table on: the body of an image. */
  readonly bin: string;
};

const smp = ['cbor', 'console', 'crc16', 'image_group', 'image_upload', 'os_group', 'smp'];
const storage = [
  ...[
    'boot',
    'crc32',
    'image',
    'refusal',
    'sha256',
    'slots',
    'sodium_port',
    'state',
    'swap',
    'trailer',
  ],
  'upload',
];
const boot = ['ed25519', 'main', 'recovery'];
const app = ['app', 'bench', 'intake', 'main', 'records', 'runner', 'vendor_group'];

function named(root: string, folder: string, names: readonly string[]): readonly string[] {
  return names.map((name) => join(root, 'firmware', folder, `${name}.c`));
}

/** zcbor writes definite lengths, as VENDOR.md wants them, only under this definition. */
const zcborDefine = '-DZCBOR_CANONICAL';

/** No path of the machine enters the bytes: the same sources give the same file everywhere. */
function withoutPaths({ root, thirdParty, out }: FirmwareSite): readonly string[] {
  const names = [
    [root, '.'],
    [thirdParty.root, 'third-party'],
    [out, 'build'],
  ];
  const maps = names.map(
    ([folder = '', name]) => `-ffile-prefix-map=${folder.replace(/\/$/, '')}=${name}`,
  );
  // Else a cache behind a symbolic link is named by where it leads.
  return [...maps, '-fno-canonical-system-headers'];
}

/** One object of other people's code, with its warnings off; only the bootloader checks signatures. */
function thirdPartyStep(site: FirmwareSite, script: LinkScript): BuildStep {
  const { sodium, zcbor } = site.thirdParty;
  const output = join(site.out, `${script}-third-party.o`);
  const includes = [...sodium.includes, ...zcbor.includes].map((folder) => `-I${folder}`);
  const flags = [...site.board.flags, ...code, ...withoutPaths(site)];
  const only = ['-Os', '-w', '-r', '-nostdlib'];
  const defines = ['-DSODIUM_STATIC=1', zcborDefine];
  const signature = script === 'boot' ? sodium.signature : [];
  const sources = [...sodium.hash, ...signature, ...zcbor.sources];
  return {
    argv: [
      'arm-none-eabi-gcc',
      ...[...flags, ...only, ...defines, ...includes, ...sources],
      ...['-o', output],
    ],
    output,
    reusable: true,
  };
}

function firmwareIncludes(site: FirmwareSite): readonly string[] {
  const ours = ['boards', 'boot', 'smp', 'app', 'nn'].map(
    (name) => `-I${join(site.root, 'firmware', name)}`,
  );
  const { sodium, zcbor } = site.thirdParty;
  return [
    ...ours,
    ...[...sodium.includes, ...zcbor.includes].flatMap((folder) => ['-isystem', folder]),
  ];
}

function linkSteps(
  site: FirmwareSite,
  name: LinkScript,
  flags: readonly string[],
  inputs: readonly string[],
): FirmwareBuild {
  const theirs = thirdPartyStep(site, name);
  const elf = join(site.out, `${name}.elf`);
  const bin = join(site.out, `${name}.bin`);
  const link = [
    ...[...compilerFlags(site.board), ...withoutPaths(site)],
    ...[...boardDefines(site.board), zcborDefine, ...flags],
    ...[...firmwareIncludes(site), ...inputs, ...boardSources(site.root, site.board)],
    ...[theirs.output, ...linkerFlags(site.root, site.board, name), '-o', elf],
  ];
  return {
    elf,
    bin,
    steps: [
      theirs,
      { argv: ['arm-none-eabi-gcc', ...link], output: elf, reusable: false },
      { argv: ['arm-none-eabi-objcopy', '-O', 'binary', elf, bin], output: bin, reusable: false },
    ],
  };
}

/** The bootloader, with the 32-byte Ed25519 key it trusts compiled in. Its ELF file is what an emulator starts. */
export function bootloaderBuild(site: FirmwareSite, publicKey: Uint8Array): FirmwareBuild {
  const key = `-DOTO_BOOT_KEY={${Array.from(publicKey).join(',')}}`;
  const sources = [boot, storage].flatMap((names) => named(site.root, 'boot', names));
  return linkSteps(site, 'boot', ['-Os', key], [...sources, ...named(site.root, 'smp', smp)]);
}

/** What the compiler adds to the application: its generated C, the kernels, and how to compile them. */
export type ModelSources = {
  readonly sources: readonly string[];
  readonly includes: readonly string[];
  readonly flags: readonly string[];
};

/**
 * The application around a model, or without one. The generated C is compiled by its own flags into an object
 * of its own, so that kernels are optimised for speed and the rest for size.
 */
export function applicationBuild(site: FirmwareSite, model?: ModelSources): FirmwareBuild {
  const sources = [
    ...named(site.root, 'app', app),
    ...named(site.root, 'boot', storage),
    ...named(site.root, 'smp', smp),
  ];
  if (model === undefined) return linkSteps(site, 'app', ['-Os'], sources);
  const output = join(site.out, 'model.o');
  const includes = [...model.includes, join(site.root, 'firmware/nn')].map(
    (folder) => `-I${folder}`,
  );
  const argv: BuildStep['argv'] = [
    'arm-none-eabi-gcc',
    ...[...compilerFlags(site.board), ...withoutPaths(site), ...model.flags],
    ...[...includes, ...model.sources],
    ...['-r', '-nostdlib', '-o', output],
  ];
  const read = [...model.includes, join(site.root, 'firmware')];
  const linked = linkSteps(site, 'app', ['-Os'], [...sources, output]);
  return { ...linked, steps: [{ argv, output, reusable: false, confined: read }, ...linked.steps] };
}
