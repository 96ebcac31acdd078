import { join } from 'node:path';
import type { BoardFile } from './board-file.ts';
import { flashBytes, maxImageBytes } from './board-file.ts';

/** One command of a build, to be run in order by whoever owns child processes. Nothing goes through a shell. */
export type BuildStep = {
  readonly argv: readonly [string, ...string[]];
  /** What it writes. */
  readonly output: string;
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
