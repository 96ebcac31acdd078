/* The board's functions on a host: time that a counter plays, no line, no reset. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>

static oto_handover handover = {.magic = OTO_HANDOVER_MAGIC, .boots = 7, .boot_version = 0x010000};
static uint64_t ticks;

volatile oto_handover *oto_board_handover(void) {
    return &handover;
}

uint64_t oto_board_ticks(void) {
    return ticks += 10;
}

uint32_t oto_board_milliseconds(void) {
    return (uint32_t)(ticks / 1000000u);
}

uint32_t oto_board_uart_received(void) {
    return 0;
}

uint32_t oto_board_uart_overrun(void) {
    return 0;
}

oto_reset_cause oto_board_reset_cause(void) {
    return OTO_RESET_WATCHDOG;
}

const char *oto_board_serial(void) {
    return "";
}

uint32_t oto_board_stack_used(void) {
    return 100;
}

uint32_t oto_board_stack_bytes(void) {
    return 8192;
}

/* The flash driver's last resort: on a host misuse is a failed test. */
_Noreturn void oto_board_reset(oto_reset_cause cause) {
    (void)fprintf(stderr, "reset by cause %d\n", (int)cause);
    abort();
}
