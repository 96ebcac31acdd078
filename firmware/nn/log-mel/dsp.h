/* Two stages of the transform at a time, for cores with the DSP extension. */
#ifndef OTO_LOG_MEL_DSP_H
#define OTO_LOG_MEL_DSP_H

#include "../common/asm_loop.h"
#include "butterfly.h"

/* Two stages for four numbers a time, in which a compiler runs out of registers: 62 instructions of
 * its own instead of 46. r0 between the second and the third number, r1 factors, r2-r3 the factor
 * at hand, r4-r11 the numbers, r12 and lr its product with one of them; [sp] factors of the next
 * block, their end, the end of r0. */
/* clang-format off */
__asm__(
    ".ifndef oto_two_stages_written            \n"
    ".set oto_two_stages_written, 1            \n"

    /* a number times the factor */
    ".macro oto_turn re, im                    \n"
    "    smmulr  r12, \\re, r2                 \n"
    "    smmlsr  r12, \\im, r3, r12            \n"
    "    smmulr  lr, \\re, r3                  \n"
    "    smmlar  lr, \\im, r2, lr              \n"
    ".endm                                     \n"
    /* and by -i as well */
    ".macro oto_turn_further re, im            \n"
    "    smmulr  r12, \\re, r3                 \n"
    "    smmlar  r12, \\im, r2, r12            \n"
    "    smmulr  lr, \\im, r3                  \n"
    "    smmlsr  lr, \\re, r2, lr              \n"
    ".endm                                     \n"
    /* sum and difference of a number and the product */
    ".macro oto_meet re, im, sum_re, sum_im, shift\n"
    "    add     \\sum_re, r12, \\re, asr #\\shift\n"
    "    add     \\sum_im, lr, \\im, asr #\\shift\n"
    "    rsb     \\re, r12, \\re, asr #\\shift \n"
    "    rsb     \\im, lr, \\im, asr #\\shift  \n"
    ".endm                                     \n"

    /* near, far: bytes from r0 to the numbers beside it and to the outer ones */
    ".macro oto_two_stages half, shift         \n"
    "    .set    oto_near, 4 * \\half          \n"
    "    .set    oto_far, 12 * \\half          \n"
    "    push    {r4-r11, lr}                  \n"
    "    sub     sp, sp, #16                   \n"
    "    stm     sp, {r1-r3}                   \n"
    "1:                                        \n"
    "    ldrd    r2, r3, [r1], #8              \n"
    "    ldrd    r6, r7, [r0, #-oto_near]      \n"
    "    oto_turn r6, r7                       \n"
    "    ldrd    r4, r5, [r0, #-oto_far]       \n"
    "    oto_meet r4, r5, r6, r7, 1            \n"
    "    ldrd    r10, r11, [r0, #oto_far]      \n"
    "    oto_turn r10, r11                     \n"
    "    ldrd    r8, r9, [r0, #oto_near]       \n"
    "    oto_meet r8, r9, r10, r11, 1          \n"
    "    ldrd    r2, r3, [r1], #8              \n"
    "    oto_turn r10, r11                     \n"
    "    oto_meet r6, r7, r10, r11, \\shift    \n"
    "    strd    r10, r11, [r0, #-oto_far]     \n"
    "    strd    r6, r7, [r0, #oto_near]       \n"
    "    oto_turn_further r8, r9               \n"
    "    oto_meet r4, r5, r8, r9, \\shift      \n"
    "    ldr     r2, [sp, #4]                  \n"
    "    strd    r8, r9, [r0, #-oto_near]      \n"
    "    strd    r4, r5, [r0, #oto_far]        \n"
    "    add     r0, r0, #8                    \n"
    "    cmp     r1, r2                        \n"
    "    bne     1b                            \n"
    "    ldr     r1, [sp]                      \n" /* the next block */
    "    ldr     r2, [sp, #8]                  \n"
    "    add     r0, r0, #24 * \\half          \n"
    "    cmp     r0, r2                        \n"
    "    bne     1b                            \n"
    "    add     sp, sp, #16                   \n"
    "    pop     {r4-r11, pc}                  \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

/* Numbers of a first block, factors and their end, the end of the numbers. */
#define OTO_TWO_STAGES_LOOP(name, half, shift)                                                     \
    OTO_ASM_LOOP void name(uint8_t *z OTO_IN_REGISTER, const int32_t *from OTO_IN_REGISTER,        \
                           const int32_t *to OTO_IN_REGISTER,                                      \
                           const uint8_t *end OTO_IN_REGISTER) {                                   \
        __asm__ volatile("oto_two_stages %c0, %c1" : : "n"(half), "n"(shift));                     \
    }
OTO_TWO_STAGES_LOOP(oto_two_stages_4, 4, 1)
OTO_TWO_STAGES_LOOP(oto_two_stages_16, 16, 1)
OTO_TWO_STAGES_LOOP(oto_two_stages_16_last, 16, 2)
OTO_TWO_STAGES_LOOP(oto_two_stages_64, 64, 1)
OTO_TWO_STAGES_LOOP(oto_two_stages_64_last, 64, 2)

/* The stages of `half` and 2 * `half`; `shift` is that of the second. Returns the next factors. */
OTO_INLINE const int32_t *oto_transform_two(oto_complex *z, const int32_t size, const int32_t half,
                                            const int32_t *twiddle, const int32_t shift) {
    uint8_t *first = (uint8_t *)z + 12 * half;
    const int32_t *next = twiddle + 4 * half;
    const uint8_t *end = (const uint8_t *)(z + size) + 12 * half;
    if (half == 4)
        oto_two_stages_4(first, twiddle, next, end);
    else if (half == 16 && shift == 1)
        oto_two_stages_16(first, twiddle, next, end);
    else if (half == 16)
        oto_two_stages_16_last(first, twiddle, next, end);
    else if (shift == 1)
        oto_two_stages_64(first, twiddle, next, end);
    else
        oto_two_stages_64_last(first, twiddle, next, end);
    return next;
}

#endif
