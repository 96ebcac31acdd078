/* Under emulation, over semihosting; the arena is the largest any model of the program needs. */
#include "board.h"
#include "semihost.h"
#include "vectors.h"

static uint8_t memory[OTO_VECTORS_ARENA] __attribute__((aligned(16)));

uint8_t *vectors_arena(uint32_t bytes) {
    if (bytes > sizeof memory)
        oto_semihost_exit(1);
    return memory;
}

void vectors_release(uint8_t *arena) {
    (void)arena;
}

void vectors_text(const char *text) {
    oto_semihost_text(text);
}

int main(void) {
    oto_board_start();
    vectors_run();
    oto_semihost_exit(0);
}
