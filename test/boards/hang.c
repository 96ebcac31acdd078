/* A signed program that never comes back, for the watchdog to end. */
#include "board.h"

int main(void) {
    oto_board_start();
    /* Asleep rather than spinning: the emulator's clock then keeps pace with the wall's. */
    for (;;)
        __asm volatile("wfi");
}
