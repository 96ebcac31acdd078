/* The application's program on a board. */
#include "app.h"
#include "board.h"

/* Firmware may be built without a model. */
extern const oto_model oto_model_instance __attribute__((weak));

static oto_app app;

/*
 * Fed from the main loop only, never by an interrupt: a handler or an inference that does not come
 * back stops the feeding. An idle board comes by with every beat.
 */
static void feed_watchdog(void) {
    static uint32_t last_beat;
    const uint32_t beat = oto_board_beats();
    if (beat == last_beat)
        return;
    last_beat = beat;
    oto_board_watchdog_feed();
}

static void reset_if_asked(void) {
    if (!app.os.reset_asked)
        return;
    oto_board_uart_flush();
    oto_board_reset(OTO_RESET_SOFTWARE);
}

int main(void) {
    uint32_t arena_bytes;
    uint8_t *arena = oto_board_free_ram(&arena_bytes);
    oto_board_start();
    oto_board_watchdog_start(OTO_WATCHDOG_MS);
    oto_app_begin(&app, &oto_board_flash, &oto_model_instance, arena, arena_bytes);
    for (;;) {
        uint8_t bytes[64];
        feed_watchdog();
        if (oto_app_work(&app))
            continue;
        const uint32_t count = oto_board_uart_read(bytes, sizeof bytes);
        for (uint32_t i = 0; i < count; i++)
            oto_app_receive(&app, bytes[i], oto_board_uart_write);
        reset_if_asked();
        if (count == 0)
            oto_board_idle();
    }
}
