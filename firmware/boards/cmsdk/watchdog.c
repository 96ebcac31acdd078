/* Arm's CMSDK APB watchdog (DDI 0479, section 4.6): NMI at the first time-out, reset at the second.
 */
#include "board.h"

typedef struct cmsdk_watchdog {
    volatile uint32_t load;
    volatile uint32_t value;
    volatile uint32_t control;
    volatile uint32_t int_clear;
} cmsdk_watchdog;

#define WATCHDOG ((cmsdk_watchdog *)(uintptr_t)OTO_WATCHDOG_ADDRESS)
#define WATCHDOG_LOCK (*(volatile uint32_t *)(uintptr_t)(OTO_WATCHDOG_ADDRESS + 0xC00u))
#define UNLOCK 0x1acce551u
#define CONTROL_INTERRUPT_AND_RESET 3u

static uint32_t reload;

void oto_board_watchdog_start(uint32_t milliseconds) {
    reload = (uint32_t)((uint64_t)milliseconds * OTO_WATCHDOG_HZ / 1000u);
    WATCHDOG_LOCK = UNLOCK;
    WATCHDOG->load = reload;
    WATCHDOG->control = CONTROL_INTERRUPT_AND_RESET;
    WATCHDOG_LOCK = 0;
}

void oto_board_watchdog_feed(void) {
    if (reload == 0)
        return;
    WATCHDOG_LOCK = UNLOCK;
    WATCHDOG->load = reload;
    WATCHDOG_LOCK = 0;
}
