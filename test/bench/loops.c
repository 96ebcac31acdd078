/* Known numbers of instructions between marks: a counted loop, and the same with one nop more each
 * time. */
#include "board.h"
#include "semihost.h"
#include "stopwatch.h"

#define LOOP(turns, nops)                                                                          \
    __asm volatile("mov r0, %0\n\t"                                                                \
                   ".rept " #nops "\n\tnop\n\t.endr\n"                                             \
                   "1:\n\tsubs r0, r0, #1\n\tbne 1b" ::"r"(turns)                                  \
                   : "r0", "cc");                                                                  \
    oto_stopwatch_mark()

int main(void) {
    /* Far more than one round of SysTick. */
    uint32_t many = 340000000u, some = 100000u, few = 1u;
    __asm volatile("" : "+r"(many), "+r"(some), "+r"(few));
    oto_board_start();
    oto_stopwatch_mark();
    oto_stopwatch_mark();
    LOOP(few, 0);
    LOOP(few, 1);
    LOOP(few, 2);
    LOOP(few, 37);
    LOOP(some, 0);
    LOOP(some, 5);
    LOOP(many, 0);
    oto_stopwatch_print();
    oto_semihost_exit(0);
}
