/* Marks points of a program's run so that the instructions between them can be counted exactly,
 * under an emulator that advances its clock by one nanosecond an instruction (QEMU, -icount
 * shift=0).
 *
 * SysTick counts P/Q instructions a step (OTO_TICK_MULTIPLIER / OTO_TICK_DIVISOR), too coarse by
 * itself. So each reading takes P samples, P + 1 instructions apart: like the marks of a vernier
 * they fall on all phases of a step, and their sum gives the instruction (agent/bench/stopwatch.ts
 * does the sum). */
#ifndef OTO_STOPWATCH_H
#define OTO_STOPWATCH_H

#include <stdint.h>

typedef struct {
    uint32_t first; /* SysTick's value, which counts down */
    uint32_t sum;   /* of how far it had counted since then, at every sample */
} oto_timer_samples;

/* What lies between the two readings of a mark costs no one anything. */
typedef struct {
    oto_timer_samples before, after;
    uint64_t ticks; /* oto_board_ticks() in between: which round of SysTick this is */
} oto_mark;

#define OTO_MARKS 256

extern oto_mark oto_marks[OTO_MARKS];
extern uint32_t oto_mark_count;

/* Takes the next mark; needs oto_board_start() before. Marks beyond OTO_MARKS are not taken. */
void oto_stopwatch_mark(void);

/* Prints every mark as a line of numbers: "mark", then before, ticks and after. */
void oto_stopwatch_print(void);

#endif
