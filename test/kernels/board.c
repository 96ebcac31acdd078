/* Under emulation, over semihosting. */
#include "board.h"
#include "kernels.h"
#include "semihost.h"

void kernels_text(const char *text) {
    oto_semihost_text(text);
}

int main(void) {
    oto_board_start();
    kernels_run();
    oto_semihost_exit(0);
}
