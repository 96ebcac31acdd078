import { type BoardFile, flashBytes } from '../boards/board-file.ts';

/** Bytes at the end of RAM that survive a reset (oto_handover in firmware/boards/board.h). */
export const HANDOVER_BYTES = 64;

/** The values of board.json as the C sources see them. */
export function boardDefines(board: BoardFile): readonly string[] {
  const { flash, uart, watchdog, power } = board;
  const numbers: Readonly<Record<string, number>> = {
    OTO_IRQ_COUNT: board.interrupts,
    OTO_CLOCK_HZ: board.clockHz,
    OTO_TICK_HZ: Math.round((board.clockHz * board.tick.multiplier) / board.tick.divisor),
    OTO_TICK_MULTIPLIER: board.tick.multiplier,
    OTO_TICK_DIVISOR: board.tick.divisor,
    OTO_HANDOVER_ADDRESS: board.ram.origin + board.ram.bytes - HANDOVER_BYTES,
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
