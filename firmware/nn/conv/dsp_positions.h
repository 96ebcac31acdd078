/* The inner loop of convolutions with int8 weights on cores with the DSP extension: three positions
 * of two channels at a time, every register in use. */
#ifndef OTO_CONV_DSP_POSITIONS_H
#define OTO_CONV_DSP_POSITIONS_H

#include "dsp_sizes.h"

/* What OTO_DSP_ROW_ASM keeps in memory: the registers are all taken. */
typedef struct {
    const void *x;     /* first position of the block, in the first tile row */
    const uint32_t *w; /* unpacked weights of the first kernel row */
    int32_t *out;      /* [position][2] accumulators */
    int32_t *out_end;
    const uint32_t *w_end;
    const uint32_t *loop_end; /* end of the unrolled steps of the first row */
    const uint32_t *row_loop_end;
    int32_t start[6]; /* what the accumulators begin with */
} oto_dsp_row;

/* Two words of three positions times two channels. r0 tile, r1 weights, r2-r5 weights of two words,
 * r6-r7 two words of one position, r8-r12 and lr accumulators. */
#define OTO_DSP_STEP_ASM                                                                           \
    "ldmia r1!, {r2, r3, r4, r5}\n"                                                                \
    "ldrd r6, r7, [r0, %[s1]]\n"                                                                   \
    "smlad r10, r6, r2, r10\n"                                                                     \
    "smlad r11, r6, r4, r11\n"                                                                     \
    "smlad r10, r7, r3, r10\n"                                                                     \
    "smlad r11, r7, r5, r11\n"                                                                     \
    "ldrd r6, r7, [r0, %[s2]]\n"                                                                   \
    "smlad r12, r6, r2, r12\n"                                                                     \
    "smlad lr, r6, r4, lr\n"                                                                       \
    "smlad r12, r7, r3, r12\n"                                                                     \
    "smlad lr, r7, r5, lr\n"                                                                       \
    "ldrd r6, r7, [r0], #8\n"                                                                      \
    "smlad r8, r6, r2, r8\n"                                                                       \
    "smlad r9, r6, r4, r9\n"                                                                       \
    "smlad r8, r7, r3, r8\n"                                                                       \
    "smlad r9, r7, r5, r9\n"
/* One word of the same. */
#define OTO_DSP_HALF_ASM                                                                           \
    "ldrd r2, r4, [r1], #8\n"                                                                      \
    "ldr r6, [r0, %[s1]]\n"                                                                        \
    "smlad r10, r6, r2, r10\n"                                                                     \
    "smlad r11, r6, r4, r11\n"                                                                     \
    "ldr r6, [r0, %[s2]]\n"                                                                        \
    "smlad r12, r6, r2, r12\n"                                                                     \
    "smlad lr, r6, r4, lr\n"                                                                       \
    "ldr r6, [r0], #4\n"                                                                           \
    "smlad r8, r6, r2, r8\n"                                                                       \
    "smlad r9, r6, r4, r9\n"

/* Accumulators of all positions of one output row and two channels. `row_skip`: bytes from the end
 * of what one kernel row reads to the start of the next row's; `words`: OTO_DSP_ROW_WORDS. The
 * struct lies at the stack pointer while the kernel runs, since no register is left to hold its
 * address. */
OTO_INLINE void oto_dsp_positions(oto_dsp_row *row, const int32_t step, const int32_t words,
                                  const int32_t row_skip) {
    const int32_t steps = words / 2, half = words % 2;
    const int32_t loops = steps / OTO_DSP_UNROLL >= 2 ? steps / OTO_DSP_UNROLL : 0;
    register oto_dsp_row *r0 __asm__("r0") = row;
    __asm__ volatile(
        "sub sp, sp, #56\n"
        "ldm r0!, {r1, r2, r3, r4, r5, r6, r7}\n"
        "stm sp, {r1, r2, r3, r4, r5, r6, r7}\n"
        "add r12, sp, #28\n"
        "ldm r0, {r1, r2, r3, r4, r5, r6}\n"
        "stm r12, {r1, r2, r3, r4, r5, r6}\n"
        "1:\n" /* a block of positions */
        "add r2, sp, #28\n"
        "ldm r2, {r8, r9, r10, r11, r12, lr}\n"
        "ldrd r0, r1, [sp]\n"
        "2:\n" /* a kernel row */
        ".if %c[loops]\n"
        "3:\n"
        ".rept %c[unroll]\n" OTO_DSP_STEP_ASM ".endr\n"
        "ldr r6, [sp, #24]\n"
        "cmp r1, r6\n"
        "bne 3b\n"
        "add r6, r6, %[row_bytes]\n"
        "str r6, [sp, #24]\n"
        ".endif\n"
        ".rept %c[rest]\n" OTO_DSP_STEP_ASM ".endr\n"
        ".if %c[half]\n" OTO_DSP_HALF_ASM ".endif\n"
        "ldr r6, [sp, #16]\n"
        ".if %c[skip] < 4096\n"
        "addw r0, r0, %[skip]\n"
        ".else\n"
        "movw r7, %[skip]\n"
        "add r0, r0, r7\n"
        ".endif\n"
        "cmp r1, r6\n"
        "bne 2b\n"
        ".if %c[loops]\n"
        "ldr r6, [sp, #20]\n"
        "str r6, [sp, #24]\n"
        ".endif\n"
        "ldrd r6, r7, [sp, #8]\n"
        "stmia r6!, {r8, r9, r10, r11, r12, lr}\n"
        "ldr r0, [sp]\n"
        "add r0, r0, %[advance]\n"
        "str r0, [sp]\n"
        "str r6, [sp, #8]\n"
        "cmp r6, r7\n"
        "bne 1b\n"
        "add sp, sp, #56\n"
        : "+r"(r0)
        : [s1] "n"(step), [s2] "n"(2 * step), [advance] "n"(OTO_DSP_BLOCK * step),
          [skip] "n"(row_skip), [loops] "n"(loops), [unroll] "n"(OTO_DSP_UNROLL),
          [rest] "n"(steps - loops * OTO_DSP_UNROLL), [half] "n"(half), [row_bytes] "n"(words * 8)
        : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",
          "memory");
}

#endif
