/* The first convolution of a front end on cores with the DSP extension, for nine taps, a stride of
 * 2 and a full-range ReLU: ten samples in five registers slide by one register an output. */
#ifndef OTO_FUSED_FRONT_END_REAL_DSP_SLIDE_H
#define OTO_FUSED_FRONT_END_REAL_DSP_SLIDE_H

#include "../common/asm_loop.h"
#include "../common/types.h"

/* What the loop loads into its fourteen registers, r0 to r12 and lr, and the end it compares with.
 */
typedef struct {
    uint32_t x[5], w[5];
    int32_t bias, multiplier;
    const int16_t *in;
    int16_t *out;
    const int16_t *end;
} oto_front_window;

/* Outputs of one channel, five a round. */
typedef void oto_front_slide(const oto_front_window *window);

/* clang-format off */
__asm__(
    ".ifndef oto_front_slide_written           \n"
    ".set oto_front_slide_written, 1           \n"

    /* one output: the oldest samples become the accumulator */
    ".macro oto_front_output x0, x1, x2, x3, x4\n"
    "    smlad   \\x0, \\x0, r5, r10           \n"
    "    smlad   \\x0, \\x1, r6, \\x0          \n"
    "    smlad   \\x0, \\x2, r7, \\x0          \n"
    "    smlad   \\x0, \\x3, r8, \\x0          \n"
    "    smlad   \\x0, \\x4, r9, \\x0          \n"
    "    smmulr  \\x0, \\x0, r11               \n"
    "    usat    \\x0, #8, \\x0                \n"
    "    strh    \\x0, [lr], #oto_step         \n"
    ".endm                                     \n"

    /* step: bytes from one output of the channel to the next */
    ".macro oto_front_slide step               \n"
    "    .set    oto_step, \\step              \n"
    "    push    {r4-r11, lr}                  \n"
    "    ldr     r1, [r0, #56]                 \n" /* the end, to the stack pointer */
    "    push    {r1, r2}                      \n"
    "    ldm     r0, {r0-r12, lr}              \n"
    "1:                                        \n"
    "    oto_front_output r0, r1, r2, r3, r4   \n"
    "    ldr     r0, [r12], #4                 \n"
    "    oto_front_output r1, r2, r3, r4, r0   \n"
    "    ldr     r1, [r12], #4                 \n"
    "    oto_front_output r2, r3, r4, r0, r1   \n"
    "    ldr     r2, [r12], #4                 \n"
    "    oto_front_output r3, r4, r0, r1, r2   \n"
    "    ldr     r3, [r12], #4                 \n"
    "    oto_front_output r4, r0, r1, r2, r3   \n"
    "    ldr     r4, [sp]                      \n"
    "    cmp     r12, r4                       \n"
    "    ldr     r4, [r12], #4                 \n"
    "    bne     1b                            \n"
    "    add     sp, sp, #8                    \n"
    "    pop     {r4-r11, pc}                  \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

/* Makes the loop for `channels` outputs at each position; `fits` is false where plain C is used. */
#define OTO_FRONT_SLIDE_LOOP(name, fits, channels)                                                 \
    OTO_ASM_LOOP void name(const oto_front_window *window OTO_IN_REGISTER) {                       \
        __asm__ volatile(".if %c0; oto_front_slide %c1; .endif"                                    \
                         :                                                                         \
                         : "n"(fits), "n"(2 * (channels)));                                        \
    }

#endif
