/* The inner loop of convolutions with int8 weights on cores with the DSP extension: three positions
 * of two channels at a time, every register in use. */
#ifndef OTO_CONV_DSP_POSITIONS_H
#define OTO_CONV_DSP_POSITIONS_H

#include "../common/asm_loop.h"
#include "dsp_sizes.h"

/* What the loop copies to the stack pointer, since no register is left to hold an address. */
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

/* Accumulators of all positions of one output row and two channels. */
typedef void oto_dsp_positions(const oto_dsp_row *row);

/* r0 tile, r1 weights, r2-r5 weights of two words, r6-r7 two words of one position, r8-r12 and lr
 * accumulators. step: bytes between positions; words: of a kernel row (OTO_DSP_ROW_WORDS); skip:
 * bytes from the end of what one kernel row reads to the start of the next row's. */
/* clang-format off */
__asm__(
    ".ifndef oto_dsp_positions_written         \n"
    ".set oto_dsp_positions_written, 1         \n"

    /* two words of three positions, times two channels */
    ".macro oto_dsp_step                       \n"
    "    ldmia   r1!, {r2, r3, r4, r5}         \n"
    "    ldrd    r6, r7, [r0, #oto_step]       \n"
    "    smlad   r10, r6, r2, r10              \n"
    "    smlad   r11, r6, r4, r11              \n"
    "    smlad   r10, r7, r3, r10              \n"
    "    smlad   r11, r7, r5, r11              \n"
    "    ldrd    r6, r7, [r0, #2 * oto_step]   \n"
    "    smlad   r12, r6, r2, r12              \n"
    "    smlad   lr, r6, r4, lr                \n"
    "    smlad   r12, r7, r3, r12              \n"
    "    smlad   lr, r7, r5, lr                \n"
    "    ldrd    r6, r7, [r0], #8              \n"
    "    smlad   r8, r6, r2, r8                \n"
    "    smlad   r9, r6, r4, r9                \n"
    "    smlad   r8, r7, r3, r8                \n"
    "    smlad   r9, r7, r5, r9                \n"
    ".endm                                     \n"

    /* one word of the same */
    ".macro oto_dsp_half_step                  \n"
    "    ldrd    r2, r4, [r1], #8              \n"
    "    ldr     r6, [r0, #oto_step]           \n"
    "    smlad   r10, r6, r2, r10              \n"
    "    smlad   r11, r6, r4, r11              \n"
    "    ldr     r6, [r0, #2 * oto_step]       \n"
    "    smlad   r12, r6, r2, r12              \n"
    "    smlad   lr, r6, r4, lr                \n"
    "    ldr     r6, [r0], #4                  \n"
    "    smlad   r8, r6, r2, r8                \n"
    "    smlad   r9, r6, r4, r9                \n"
    ".endm                                     \n"

    ".macro oto_dsp_positions step, words, skip, loops, unroll\n"
    "    .set    oto_step, \\step             \n"
    "    .set    oto_words, \\words           \n"
    "    .set    oto_skip, \\skip             \n"
    "    .set    oto_loops, \\loops           \n" /* of unrolled steps in a kernel row */
    "    .set    oto_unroll, \\unroll         \n"
    "    push    {r4-r11, lr}                  \n"
    "    sub     sp, sp, #56                   \n"
    "    ldm     r0!, {r1-r7}                  \n" /* the pointers of oto_dsp_row */
    "    stm     sp, {r1-r7}                   \n"
    "    add     r12, sp, #28                  \n"
    "    ldm     r0, {r1-r6}                   \n" /* its starts */
    "    stm     r12, {r1-r6}                  \n"
    "1:                                        \n" /* a block of positions */
    "    add     r2, sp, #28                   \n"
    "    ldm     r2, {r8-r12, lr}              \n"
    "    ldrd    r0, r1, [sp]                  \n"
    "2:                                        \n" /* a kernel row */
    ".if oto_loops                             \n"
    "3:                                        \n"
    ".rept oto_unroll                          \n"
    "    oto_dsp_step                          \n"
    ".endr                                     \n"
    "    ldr     r6, [sp, #24]                 \n"
    "    cmp     r1, r6                        \n"
    "    bne     3b                            \n"
    "    add     r6, r6, #8 * oto_words        \n"
    "    str     r6, [sp, #24]                 \n"
    ".endif                                    \n"
    ".rept oto_words / 2 - oto_loops * oto_unroll\n"
    "    oto_dsp_step                          \n"
    ".endr                                     \n"
    ".if oto_words & 1                         \n"
    "    oto_dsp_half_step                     \n"
    ".endif                                    \n"
    "    ldr     r6, [sp, #16]                 \n"
    ".if oto_skip < 4096                       \n"
    "    addw    r0, r0, #oto_skip             \n"
    ".else                                     \n"
    "    movw    r7, #oto_skip                 \n"
    "    add     r0, r0, r7                    \n"
    ".endif                                    \n"
    "    cmp     r1, r6                        \n"
    "    bne     2b                            \n"
    ".if oto_loops                             \n"
    "    ldr     r6, [sp, #20]                 \n"
    "    str     r6, [sp, #24]                 \n"
    ".endif                                    \n"
    "    ldrd    r6, r7, [sp, #8]              \n"
    "    stmia   r6!, {r8-r12, lr}             \n"
    "    ldr     r0, [sp]                      \n"
    "    add     r0, r0, #3 * oto_step         \n"
    "    str     r0, [sp]                      \n"
    "    str     r6, [sp, #8]                  \n"
    "    cmp     r6, r7                        \n"
    "    bne     1b                            \n"
    "    add     sp, sp, #56                   \n"
    "    pop     {r4-r11, pc}                  \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

/* Makes the loop of one shape; `fits` is false where the shape is left to plain C. */
#define OTO_DSP_POSITIONS_LOOP(name, fits, step, words, skip)                                      \
    OTO_ASM_LOOP void name(const oto_dsp_row *row OTO_IN_REGISTER) {                               \
        __asm__ volatile(".if %c0; oto_dsp_positions %c1, %c2, %c3, %c4, %c5; .endif"              \
                         :                                                                         \
                         : "n"(fits), "n"(step), "n"(words), "n"(skip), "n"(OTO_DSP_LOOPS(words)), \
                           "n"(OTO_DSP_UNROLL));                                                   \
    }

#endif
