#include "stopwatch.h"

#include "board.h"
#include "semihost.h"

oto_mark oto_marks[OTO_MARKS];
uint32_t oto_mark_count;

/* A sample and the loop around it are seven instructions; the rest of P + 1 does nothing. */
static __attribute__((noinline)) void take_samples(oto_timer_samples *samples) {
    uint32_t value, mask, sum = 0, left = OTO_TICK_MULTIPLIER;
    const uint32_t timer = 0xE000E018u;
    uint32_t first;
    __asm volatile("mrs %[mask], primask\n\t"
                   "cpsid i\n\t"
                   "ldr %[first], [%[timer]]\n\t"
                   ".rept %c[step] - 1\n\t"
                   "nop\n\t"
                   ".endr\n"
                   "1:\n\t"
                   "ldr %[value], [%[timer]]\n\t"
                   "subs %[value], %[first], %[value]\n\t"
                   "ubfx %[value], %[value], #0, #24\n\t"
                   "add %[sum], %[sum], %[value]\n\t"
                   ".rept %c[step] - 6\n\t"
                   "nop\n\t"
                   ".endr\n\t"
                   "subs %[left], %[left], #1\n\t"
                   "bne 1b\n\t"
                   "msr primask, %[mask]"
                   : [value] "=&r"(value), [mask] "=&r"(mask), [first] "=&r"(first),
                     [sum] "+r"(sum), [left] "+r"(left)
                   : [timer] "r"(timer), [step] "i"(OTO_TICK_MULTIPLIER + 1)
                   : "cc", "memory");
    samples->first = first;
    samples->sum = sum;
}

void oto_stopwatch_mark(void) {
    if (oto_mark_count == OTO_MARKS)
        return;
    oto_mark *mark = &oto_marks[oto_mark_count++];
    take_samples(&mark->before);
    mark->ticks = oto_board_ticks();
    take_samples(&mark->after);
}

static void number(uint64_t value) {
    oto_semihost_text(" ");
    oto_semihost_number(value);
}

void oto_stopwatch_print(void) {
    for (uint32_t i = 0; i < oto_mark_count; i++) {
        const oto_mark *mark = &oto_marks[i];
        oto_semihost_text("mark");
        number(mark->before.first);
        number(mark->before.sum);
        number(mark->ticks);
        number(mark->after.first);
        number(mark->after.sum);
        oto_semihost_text("\n");
    }
}
