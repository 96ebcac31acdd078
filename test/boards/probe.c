/*
 * Tells over semihosting what a board's drivers do, across three starts: power on, a software
 * reset, and a watchdog that is not fed. The last start programs flash against its rules and must
 * fault.
 */
#include "board.h"
#include "flash.h"
#include "semihost.h"

static const uint8_t word[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void say(const char *name, uint64_t value) {
    oto_semihost_text(name);
    oto_semihost_text("=");
    oto_semihost_number(value);
    oto_semihost_text(" ");
}

static void use_flash(void) {
    uint8_t byte = 0;
    (void)oto_board_flash.read(0, OTO_STATE, &byte, 1);
    say("before", byte);
    (void)oto_board_flash.erase(0, OTO_STATE);
    (void)oto_board_flash.program(0, OTO_STATE, word, sizeof word);
    (void)oto_board_flash.read(0, OTO_STATE + 7, &byte, 1);
    say("after", byte);
}

int main(void) {
    oto_board_start();
    const oto_reset_cause cause = oto_board_reset_cause();
    say("cause", cause);
    const uint64_t began = oto_board_ticks();
    for (volatile uint32_t i = 0; i < 100000; i++) {
    }
    say("ticks", oto_board_ticks() - began);
    say("stack", oto_board_stack_used());
    switch (cause) {
    case OTO_RESET_POWER_ON:
        use_flash();
        oto_semihost_text("\n");
        oto_board_reset(OTO_RESET_SOFTWARE);
    case OTO_RESET_SOFTWARE:
        oto_semihost_text("\n");
        oto_board_watchdog_start(50);
        for (;;) {
        }
    case OTO_RESET_WATCHDOG:
        oto_semihost_text("\n");
        (void)oto_board_flash.program(0, OTO_STATE + 8, word, sizeof word);
        (void)oto_board_flash.program(0, OTO_STATE + 8, (const uint8_t[8]){0xff}, 8);
        break;
    default:
        break;
    }
    oto_semihost_text("\n");
    oto_semihost_exit(0);
}
