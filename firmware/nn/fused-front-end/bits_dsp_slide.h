/* Signs of nine taps at every fourth sample on cores with the DSP extension: ten samples in five
 * registers, which slide by two registers an output. */
#ifndef OTO_FUSED_FRONT_END_BITS_DSP_SLIDE_H
#define OTO_FUSED_FRONT_END_BITS_DSP_SLIDE_H

#include "../common/asm_loop.h"
#include "../common/types.h"

/* What the loop loads into r5 to r12 and lr, and the end it compares with. */
typedef struct {
    uint32_t w[5];
    int32_t start;
    uint32_t bits;
    const int16_t *in;
    uint32_t *out, *end;
} oto_front_bits_slide;

/* clang-format off */
__asm__(
    ".ifndef oto_front_bits_written            \n"
    ".set oto_front_bits_written, 1            \n"
    /* one output: its sign into the top of r11 */
    ".macro oto_front_sign x0, x1, x2, x3, x4  \n"
    "    smlad   \\x0, \\x0, r5, r10           \n"
    "    smlad   \\x0, \\x1, r6, \\x0          \n"
    "    smlad   \\x0, \\x2, r7, \\x0          \n"
    "    smlad   \\x0, \\x3, r8, \\x0          \n"
    "    smlad   \\x0, \\x4, r9, \\x0          \n"
    "    and     \\x0, \\x0, #0x80000000       \n"
    "    orr     r11, \\x0, r11, lsr #1        \n"
    ".endm                                     \n"
    /* the next four samples, oto_at bytes after the word's first one */
    ".macro oto_front_samples x0, x1           \n"
    "    ldrd    \\x0, \\x1, [r12, #oto_at]    \n"
    "    .set    oto_at, oto_at + 8            \n"
    ".endm                                     \n"
    ".endif                                    \n");

/* Words of signs of one channel. */
OTO_ASM_LOOP void oto_front_bits_nine_taps(const oto_front_bits_slide *slide OTO_IN_REGISTER) {
    __asm__ volatile(
        "    push    {r4-r11, lr}                  \n"
        "    ldr     r1, [r0, #36]                 \n" /* the end, to the stack pointer */
        "    push    {r1, r2}                      \n"
        "    ldm     r0, {r5-r12, lr}              \n"
        "1:                                        \n" /* a word: 32 outputs */
        "    ldm     r12, {r0-r4}                  \n"
        "    .set    oto_at, 20                    \n"
        ".rept 6                                   \n"
        "    oto_front_sign r0, r1, r2, r3, r4     \n"
        "    oto_front_samples r0, r1              \n"
        "    oto_front_sign r2, r3, r4, r0, r1     \n"
        "    oto_front_samples r2, r3              \n"
        "    oto_front_sign r4, r0, r1, r2, r3     \n"
        "    oto_front_samples r4, r0              \n"
        "    oto_front_sign r1, r2, r3, r4, r0     \n"
        "    oto_front_samples r1, r2              \n"
        "    oto_front_sign r3, r4, r0, r1, r2     \n"
        "    oto_front_samples r3, r4              \n"
        ".endr                                     \n"
        "    oto_front_sign r0, r1, r2, r3, r4     \n"
        "    oto_front_samples r0, r1              \n"
        "    oto_front_sign r2, r3, r4, r0, r1     \n"
        "    str     r11, [lr], #4                 \n"
        "    add     r12, r12, #256                \n"
        "    ldr     r0, [sp]                      \n"
        "    cmp     lr, r0                        \n"
        "    bne     1b                            \n"
        "    add     sp, sp, #8                    \n"
        "    pop     {r4-r11, pc}                  \n");
}
/* clang-format on */

#endif
