/*
 * What a board offers to the bootloader, the application and the bench. Everything that differs
 * between boards lies behind these functions and behind board.json, whose values arrive as OTO_*
 * definitions (agent/build/board-defines.ts makes them; firmware/boards/README.md lists them).
 */
#ifndef OTO_BOARD_H
#define OTO_BOARD_H

#include <stdbool.h>
#include <stdint.h>

/* Why the processor last started. The order is that of the names in protocol/VENDOR.md. */
typedef enum oto_reset_cause {
    OTO_RESET_POWER_ON = 0,
    OTO_RESET_PIN = 1,
    OTO_RESET_SOFTWARE = 2,
    OTO_RESET_WATCHDOG = 3,
    OTO_RESET_FAULT = 4,
    OTO_RESET_UNKNOWN = 5,
} oto_reset_cause;

/*
 * Words that survive a reset (the last bytes of RAM, outside every section). The bootloader fills
 * all of it before it starts an image; `next_cause` is written on the way into a reset.
 */
typedef struct oto_handover {
    uint32_t magic;
    uint32_t cause; /* oto_reset_cause of this start */
    uint32_t next_cause;
    uint32_t boots;            /* boot count */
    uint32_t security_counter; /* images below it are refused */
    uint32_t boot_version;     /* major << 16 | minor << 8 | patch */
} oto_handover;

#define OTO_HANDOVER_MAGIC 0x6f746f31u

volatile oto_handover *oto_board_handover(void);

/* UART, ticks and interrupts; call once, first. */
void oto_board_start(void);
/* Silences what oto_board_start began, before a jump to another image. */
void oto_board_stop(void);

/* Ticks since oto_board_start. OTO_TICK_HZ of them make a second; OTO_TICK_UNIT says what one is.
 */
uint64_t oto_board_ticks(void);
uint32_t oto_board_milliseconds(void);

/* A count that grows at least once a second, for those who only want to know that time has passed.
 */
uint32_t oto_board_beats(void);

/* Sleeps until the next interrupt; returns at once when received bytes are waiting. */
void oto_board_idle(void);

/* Takes up to `capacity` received bytes; returns how many. Never waits. */
uint32_t oto_board_uart_read(uint8_t *bytes, uint32_t capacity);
/* Queues bytes for sending, waiting for room. Returns false when the line stood still for
 * OTO_UART_STALL_MS. */
bool oto_board_uart_write(const uint8_t *bytes, uint32_t length);
/* Waits until all queued bytes have left, at most OTO_UART_STALL_MS. */
void oto_board_uart_flush(void);
/* Bytes received, and bytes lost because the receive ring was full, since oto_board_start. */
uint32_t oto_board_uart_received(void);
uint32_t oto_board_uart_overrun(void);

/* Resets the board unless fed within the time; cannot be stopped again. */
void oto_board_watchdog_start(uint32_t milliseconds);
void oto_board_watchdog_feed(void);

/* Cause of this start; valid from oto_board_start on. */
oto_reset_cause oto_board_reset_cause(void);
_Noreturn void oto_board_reset(oto_reset_cause cause);

/* Starts the image whose vector table lies at `vectors`. */
_Noreturn void oto_board_jump(uint32_t vectors);

/* Bytes of stack ever used since the reset handler painted it, and bytes reserved. */
uint32_t oto_board_stack_used(void);
uint32_t oto_board_stack_bytes(void);

/* The RAM nothing else is linked into, aligned to 16 bytes: the model's arena. */
uint8_t *oto_board_free_ram(uint32_t *bytes);

/* The chip's serial number in lower-case hex; "" where it has none. */
const char *oto_board_serial(void);

/* The program's entry, called by the reset handler. */
int main(void);

/* Interrupt `number` (0 is the first external one); provided by the UART driver. */
void oto_board_irq(uint32_t number);

#endif
