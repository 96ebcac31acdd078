/* The inner loops of convolutions of signs on cores with the DSP extension: a patch against many
 * channels. */
#ifndef OTO_XNOR_CONV_DSP_LOOPS_H
#define OTO_XNOR_CONV_DSP_LOOPS_H

#include "../common/asm_loop.h"
#include "../common/types.h"
#include "dsp_count.h"

/* Output bits of at most 32 channels: bit n is (start[n] + differing bits) < 0. `mark` has the bit
 * of the last channel set: it leaves the word of bits when all are done. */
typedef uint32_t oto_xnor_to_bits(const uint32_t *weight, const uint32_t *patch,
                                  const int32_t *start, uint32_t mark);

/* Differing bits of all channels. */
typedef void oto_xnor_to_counts(const uint32_t *weight, const uint32_t *patch, int32_t *counts,
                                const int32_t *end);

/* words: of a patch, a multiple of three; skip: bytes from their end to the next channel's weights.
 * The word of bits lies in whichever register counting spares, or on the stack: [sp, #4] patch,
 * [sp, #8] counts so far, [sp, #12] bits or end. */
/* clang-format off */
__asm__(
    ".ifndef oto_xnor_loops_written            \n"
    ".set oto_xnor_loops_written, 1            \n"

    ".macro oto_xnor_shape words, skip         \n"
    "    .set    oto_nines, \\words / 9        \n"
    "    .set    oto_threes, \\words % 9 / 3   \n"
    "    .set    oto_skip, \\skip              \n"
    "    .set    oto_flushed, oto_nines > 3 || (oto_nines == 3 && oto_threes > 0)\n"
    "    push    {r0-r11, lr}                  \n"
    "    mov     lr, r2                        \n"
    ".endm                                     \n"
    ".macro oto_xnor_next_channel              \n"
    ".if oto_skip                              \n" /* past the words of rows that are left out */
    "    add     r0, r0, #oto_skip             \n"
    ".endif                                    \n"
    "    ldr     r1, [sp, #4]                  \n"
    ".endm                                     \n"

    /* the bit (start + bytes < 0) into the top of bits, their lowest into carry; zero holds 0 */
    ".macro oto_xnor_insert bytes, zero, bits  \n"
    "    usada8  r5, \\bytes, \\zero, r6       \n"
    "    lsrs    \\bits, \\bits, #1            \n"
    "    and     r5, r5, #0x80000000           \n"
    "    orr     \\bits, \\bits, r5            \n"
    ".endm                                     \n"
    ".macro oto_xnor_to_bits words, skip       \n"
    "    oto_xnor_shape \\words, \\skip        \n"
    ".if oto_nines == 0                        \n"
    "    mov     r12, r3                       \n"
    ".elseif oto_nines == 1 && oto_threes == 0 \n"
    "    mov     r4, r3                        \n"
    ".endif                                    \n"
    "    mov     r2, #0x33333333               \n"
    "    mov     r3, #3                        \n"
    "1:                                        \n" /* a channel */
    ".if oto_nines == 1 && oto_threes == 0     \n"
    "    oto_xnor_nine                         \n"
    "    add     r7, r7, r6, lsr #3            \n"
    "    mov     r8, #0                        \n"
    "    ldr     r6, [lr], #4                  \n"
    "    oto_xnor_insert r7, r8, r4            \n"
    ".else                                     \n"
    "    oto_xnor_channel                      \n"
    "    ldr     r6, [lr], #4                  \n"
    ".if oto_flushed                           \n"
    "    ldr     r5, [sp, #8]                  \n"
    "    add     r6, r6, r5                    \n"
    ".endif                                    \n"
    ".if oto_nines == 0                        \n"
    "    oto_xnor_insert r4, r7, r12           \n"
    ".else                                     \n"
    "    ldr     r8, [sp, #12]                 \n"
    "    oto_xnor_insert r4, r7, r8            \n"
    "    str     r8, [sp, #12]                 \n"
    ".endif                                    \n"
    ".endif                                    \n"
    "    oto_xnor_next_channel                 \n"
    "    bcc     1b                            \n"
    ".if oto_nines == 0                        \n"
    "    mov     r0, r12                       \n"
    ".elseif oto_nines == 1 && oto_threes == 0 \n"
    "    mov     r0, r4                        \n"
    ".else                                     \n"
    "    mov     r0, r8                        \n"
    ".endif                                    \n"
    "    add     sp, sp, #16                   \n"
    "    pop     {r4-r11, pc}                  \n"
    ".endm                                     \n"

    ".macro oto_xnor_to_counts words, skip     \n"
    "    oto_xnor_shape \\words, \\skip        \n"
    "    mov     r2, #0x33333333               \n"
    "    mov     r3, #3                        \n"
    "1:                                        \n"
    "    oto_xnor_channel                      \n"
    ".if oto_flushed                           \n"
    "    ldr     r6, [sp, #8]                  \n"
    "    usada8  r5, r4, r7, r6                \n"
    ".else                                     \n"
    "    usad8   r5, r4, r7                    \n"
    ".endif                                    \n"
    "    str     r5, [lr], #4                  \n"
    "    ldr     r9, [sp, #12]                 \n"
    "    oto_xnor_next_channel                 \n"
    "    cmp     lr, r9                        \n"
    "    bne     1b                            \n"
    "    add     sp, sp, #16                   \n"
    "    pop     {r4-r11, pc}                  \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

/* Makes both loops for patches of `words` words; `fits` is false where no layer has them. */
#define OTO_XNOR_LOOPS_OF(name, fits, words, skip)                                                 \
    OTO_ASM_LOOP uint32_t name##_to_bits(                                                          \
        const uint32_t *weight OTO_IN_REGISTER, const uint32_t *patch OTO_IN_REGISTER,             \
        const int32_t *start OTO_IN_REGISTER, uint32_t mark OTO_IN_REGISTER) {                     \
        __asm__ volatile(".if %c0; oto_xnor_to_bits %c1, %c2; .endif"                              \
                         :                                                                         \
                         : "n"(fits), "n"(words), "n"(skip));                                      \
        __builtin_unreachable();                                                                   \
    }                                                                                              \
    OTO_ASM_LOOP void name##_to_counts(                                                            \
        const uint32_t *weight OTO_IN_REGISTER, const uint32_t *patch OTO_IN_REGISTER,             \
        int32_t *counts OTO_IN_REGISTER, const int32_t *end OTO_IN_REGISTER) {                     \
        __asm__ volatile(".if %c0; oto_xnor_to_counts %c1, %c2; .endif"                            \
                         :                                                                         \
                         : "n"(fits), "n"(words), "n"(skip));                                      \
    }

#endif
