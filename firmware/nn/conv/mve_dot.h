/* The inner loop of convolutions with int8 weights on MVE: two patches against up to four channels.
 */
#ifndef OTO_CONV_MVE_DOT_H
#define OTO_CONV_MVE_DOT_H

#include "../common/asm_loop.h"
#include "../common/mve.h"

/* Accumulators of two positions, one lane per channel. */
typedef struct {
    int32x4_t a, b;
} oto_mve_pair;

/* The weights of a group of channels and two patches, which may be the same. */
typedef oto_mve_pair oto_mve_dot(const void *weight, const void *x, const void *y);

/* r1 and r3 patches, r5 weights. Accumulators of VMLADAVA live in even registers, and all eight are
 * used: r0 to r6 for one patch, r8 to lr for the other. The last instructions move them into lanes.
 * size: bytes of an element; channels: 1 to 4; vectors: of a patch, `loops` times `unroll` after
 * the first one and then the rest. */
/* clang-format off */
__asm__(
    ".ifndef oto_mve_dot_written               \n"
    ".set oto_mve_dot_written, 1               \n"

    ".macro oto_mve_load q, from               \n"
    ".if oto_size == 1                         \n"
    "    vldrb.8 \\q, [\\from], #16            \n"
    ".else                                     \n"
    "    vldrh.16 \\q, [\\from], #16           \n"
    ".endif                                    \n"
    ".endm                                     \n"
    ".macro oto_mve_multiply operation, sum, x, w\n"
    ".if oto_size == 1                         \n"
    "    \\operation\\().s8 \\sum, \\x, \\w    \n"
    ".else                                     \n"
    "    \\operation\\().s16 \\sum, \\x, \\w   \n"
    ".endif                                    \n"
    ".endm                                     \n"
    /* one vector of a channel with both patches' */
    ".macro oto_mve_channel operation, a, b, q \n"
    "    oto_mve_load \\q, r5                  \n"
    "    oto_mve_multiply \\operation, \\a, q0, \\q\n"
    "    oto_mve_multiply \\operation, \\b, q1, \\q\n"
    ".endm                                     \n"
    /* one vector of all channels: vmladav begins sums, vmladava goes on with them */
    ".macro oto_mve_vector operation           \n"
    "    oto_mve_load q0, r1                   \n"
    "    oto_mve_load q1, r3                   \n"
    "    oto_mve_channel \\operation, r0, r8, q2\n"
    ".if oto_channels > 1                      \n"
    "    oto_mve_channel \\operation, r2, r10, q3\n"
    ".endif                                    \n"
    ".if oto_channels > 2                      \n"
    "    oto_mve_channel \\operation, r4, r12, q2\n"
    ".endif                                    \n"
    ".if oto_channels > 3                      \n"
    "    oto_mve_channel \\operation, r6, lr, q3\n"
    ".endif                                    \n"
    ".endm                                     \n"

    ".macro oto_mve_dot size, channels, vectors, loops, unroll\n"
    "    .set    oto_size, \\size              \n"
    "    .set    oto_channels, \\channels      \n"
    "    push    {r4-r6, r8, r10, r11, lr}     \n"
    "    mov     r5, r0                        \n"
    "    mov     r3, r2                        \n"
    "    oto_mve_vector vmladav                \n"
    ".if \\loops                               \n"
    "    mov     r11, #\\loops                 \n"
    "1:                                        \n"
    ".rept \\unroll                            \n"
    "    oto_mve_vector vmladava               \n"
    ".endr                                     \n"
    "    subs    r11, r11, #1                  \n"
    "    bne     1b                            \n"
    ".endif                                    \n"
    ".rept \\vectors - 1 - \\loops * \\unroll  \n"
    "    oto_mve_vector vmladava               \n"
    ".endr                                     \n"
    "    vmov    q0[2], q0[0], r0, r4          \n"
    "    vmov    q0[3], q0[1], r2, r6          \n"
    "    vmov    q1[2], q1[0], r8, r12         \n"
    "    vmov    q1[3], q1[1], r10, lr         \n"
    "    pop     {r4-r6, r8, r10, r11, pc}     \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

/* Makes the loop for a group of `channels` channels, if there is one. */
#define OTO_MVE_DOT_LOOP(name, size, channels, vectors)                                            \
    OTO_ASM_LOOP oto_mve_pair name(const void *weight OTO_IN_REGISTER,                             \
                                   const void *x OTO_IN_REGISTER, const void *y OTO_IN_REGISTER) { \
        __asm__ volatile(".if %c1; oto_mve_dot %c0, %c1, %c2, %c3, %c4; .endif"                    \
                         :                                                                         \
                         : "n"(size), "n"(channels), "n"(vectors), "n"(OTO_MVE_LOOPS(vectors)),    \
                           "n"(OTO_MVE_UNROLL));                                                   \
        __builtin_unreachable();                                                                   \
    }

/* Makes those of groups of four channels and of the channels that are left. */
#define OTO_MVE_DOT_LOOPS(name, size, channels, vectors)                                           \
    OTO_MVE_DOT_LOOP(name##_dot, size, (channels) < 4 ? 0 : 4, vectors)                            \
    OTO_MVE_DOT_LOOP(name##_dot_rest, size, (channels) % 4, vectors)

#endif
