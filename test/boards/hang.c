/* A signed program that never comes back, for the watchdog to end. */
#include "board.h"

void oto_board_start(void);

int main(void) {
    oto_board_start();
    for (;;) {
    }
}
