/* Runs the known-answer test of an export under emulation; its exit status tells. */
#include "board.h"
#include "semihost.h"

int KNOWN_ANSWER(void);

int main(void) {
    oto_board_start();
    oto_semihost_exit(KNOWN_ANSWER());
}
