/* Inner loops of front ends on MVE, which keep their weights in registers while the positions pass.
 */
#ifndef OTO_FUSED_FRONT_END_MVE_LOOPS_H
#define OTO_FUSED_FRONT_END_MVE_LOOPS_H

#include "../common/asm_loop.h"
#include "../common/mve.h"

/* What four channels of nine taps are computed with: eight taps as a vector, the ninth in pairs. */
typedef struct {
    int16x8_t taps[4];
    int32x4_t start;      /* bias, or t - 1 of signs */
    int32x4_t multiplier; /* or, for signs, bytes from the first plane to each channel's */
    uint32_t ninth01, ninth23;
    int32_t zero;
} oto_mve_nine_taps;

/* int8 outputs of four channels at `count` positions. */
typedef void oto_mve_nine(const oto_mve_nine_taps *taps, const int16_t *samples, int8_t *out,
                          int32_t count);

/* Words of signs of four channels; `last` sample is that of a word's last output. */
typedef void oto_mve_signs(const oto_mve_nine_taps *taps, const int16_t *last, uint32_t *planes,
                           int32_t words);

/* The largest accumulators of a pool field, whose first position is two steps after `before`;
 * `groups` of channels. Of each group, two vectors: channel a in lanes 0 and 2, channel b in 1
 * and 3. */
typedef void oto_mve_kept(const int8_t *before, const void *weight, int32_t groups, int32_t *best);

/* clang-format off */
__asm__(
    ".ifndef oto_mve_front_written             \n"
    ".set oto_mve_front_written, 1             \n"

    /* taps into q2 to q5, r8 and r10, start into q6 */
    ".macro oto_mve_load_taps                  \n"
    "    vldrw.32 q2, [r0]                     \n"
    "    vldrw.32 q3, [r0, #16]                \n"
    "    vldrw.32 q4, [r0, #32]                \n"
    "    vldrw.32 q5, [r0, #48]                \n"
    "    vldrw.32 q6, [r0, #64]                \n"
    "    ldrd    r8, r10, [r0, #96]            \n"
    ".endm                                     \n"
    /* sums of four channels into q1; the position at r1 moves on by step bytes */
    ".macro oto_mve_nine_sums step             \n"
    "    ldrsh   r3, [r1, #16]                 \n"
    "    vldrh.16 q0, [r1], #\\step            \n"
    "    smulbb  r0, r3, r8                    \n"
    "    smulbt  r2, r3, r8                    \n"
    "    smulbb  r4, r3, r10                   \n"
    "    smulbt  r6, r3, r10                   \n"
    "    vmladava.s16 r0, q0, q2               \n"
    "    vmladava.s16 r2, q0, q3               \n"
    "    vmladava.s16 r4, q0, q4               \n"
    "    vmladava.s16 r6, q0, q5               \n"
    "    vmov    q1[2], q1[0], r0, r4          \n"
    "    vmov    q1[3], q1[1], r2, r6          \n"
    ".endm                                     \n"

    ".macro oto_mve_nine step, channels, shift \n"
    "    push    {r4-r6, r8, r10, lr}          \n"
    "    vpush   {d8-d15}                      \n"
    "    mov     r5, r2                        \n"
    "    oto_mve_load_taps                     \n"
    "    vldrw.32 q7, [r0, #80]                \n"
    "    ldr     r12, [r0, #104]               \n"
    "    dls     lr, r3                        \n"
    "1:                                        \n"
    "    oto_mve_nine_sums \\step              \n"
    ".if \\shift                               \n"
    "    vshl.i32 q1, q1, #\\shift             \n"
    ".endif                                    \n"
    "    vadd.i32 q1, q1, q6                   \n"
    "    vrmulh.s32 q1, q1, q7                 \n"
    "    vadd.i32 q1, q1, r12                  \n"
    "    vqmovnb.s32 q1, q1                    \n"
    "    vqmovnb.s16 q1, q1                    \n"
    "    vstrb.32 q1, [r5], #\\channels        \n"
    "    le      lr, 1b                        \n"
    "    vpop    {d8-d15}                      \n"
    "    pop     {r4-r6, r8, r10, pc}          \n"
    ".endm                                     \n"

    /* A word's outputs are taken from the last to the first, so that each moves those before it up. */
    ".macro oto_mve_signs stride               \n"
    "    push    {r4-r6, r8-r11, lr}           \n"
    "    vpush   {d8-d15}                      \n"
    "    mov     r5, r2                        \n"
    "    mov     r9, r0                        \n"
    "    mov     r11, r3                       \n"
    "    oto_mve_load_taps                     \n"
    "1:                                        \n" /* a word */
    "    mov     lr, #32                       \n"
    "    dls     lr, lr                        \n"
    "2:                                        \n" /* an output */
    "    oto_mve_nine_sums -2*\\stride         \n"
    "    vadd.i32 q1, q1, q6                   \n"
    "    vshl.i32 q7, q7, #1                   \n"
    "    vsri.32 q7, q1, #31                   \n"
    "    le      lr, 2b                        \n"
    "    vldrw.32 q0, [r9, #80]                \n"
    "    vstrw.32 q7, [r5, q0]                 \n"
    "    add     r5, r5, #4                    \n"
    "    add     r1, r1, #128*\\stride         \n"
    "    subs    r11, r11, #1                  \n"
    "    bne     1b                            \n"
    "    vpop    {d8-d15}                      \n"
    "    pop     {r4-r6, r8-r11, pc}           \n"
    ".endm                                     \n"

    /* one vector of a position, of both channels of a pair, into sums at p and q */
    ".macro oto_mve_kept_vector operation, at, wa, wb, p, q\n"
    "    vldrb.8 q0, [r6, #\\at]               \n"
    "    \\operation \\p, q0, \\wa             \n"
    "    \\operation \\q, q0, \\wb             \n"
    ".endm                                     \n"
    ".macro oto_mve_kept_rest at, p, q         \n"
    ".if oto_vectors > 1                       \n"
    "    oto_mve_kept_vector vmladava.s8, \\at+16, q2, q5, \\p, \\q\n"
    ".endif                                    \n"
    ".if oto_vectors > 2                       \n"
    "    oto_mve_kept_vector vmladava.s8, \\at+32, q3, q6, \\p, \\q\n"
    ".endif                                    \n"
    ".endm                                     \n"
    /* weights of the pair at an offset from r1: channel a in q1 to q3, b in q4 to q6 */
    ".macro oto_mve_kept_weights a, b          \n"
    "    vldrw.32 q1, [r1, #\\a]               \n"
    "    vldrw.32 q4, [r1, #\\b]               \n"
    ".if oto_vectors > 1                       \n"
    "    vldrw.32 q2, [r1, #\\a+16*oto_group]  \n"
    "    vldrw.32 q5, [r1, #\\b+16*oto_group]  \n"
    ".endif                                    \n"
    ".if oto_vectors > 2                       \n"
    "    vldrw.32 q3, [r1, #\\a+32*oto_group]  \n"
    "    vldrw.32 q6, [r1, #\\b+32*oto_group]  \n"
    ".endif                                    \n"
    ".endm                                     \n"
    /* two positions at a time; r12 pairs of them, r6 where they are */
    ".macro oto_mve_kept_pair a, b             \n"
    "    oto_mve_kept_weights \\a, \\b         \n"
    "    mov     r6, r8                        \n"
    "    vmov.i32 q7, #0x80000000              \n"
    "    dls     lr, r12                       \n"
    "3:                                        \n"
    "    vldrb.8 q0, [r6, #2*oto_step]!        \n"
    "    vmladav.s8 r0, q0, q1                 \n"
    "    vmladav.s8 r2, q0, q4                 \n"
    "    oto_mve_kept_rest 0, r0, r2           \n"
    "    oto_mve_kept_vector vmladav.s8, oto_step, q1, q4, r4, r10\n"
    "    oto_mve_kept_rest oto_step, r4, r10   \n"
    "    vmov    q0[2], q0[0], r0, r4          \n"
    "    vmov    q0[3], q0[1], r2, r10         \n"
    "    vmax.s32 q7, q7, q0                   \n"
    "    le      lr, 3b                        \n"
    "    vstrw.32 q7, [r3], #16                \n"
    ".endm                                     \n"

    /* group: channels of each group; a single last one is a pair with itself */
    ".macro oto_mve_kept group, vectors, step, pairs\n"
    "    .set    oto_group, \\group            \n"
    "    .set    oto_vectors, \\vectors        \n"
    "    .set    oto_step, \\step              \n"
    "    push    {r4-r6, r8-r10, lr}           \n"
    "    vpush   {d8-d15}                      \n"
    "    mov     r8, r0                        \n"
    "    mov     r5, r2                        \n"
    "    movw    r12, #\\pairs                 \n"
    "1:                                        \n"
    ".if oto_group > 1                         \n"
    "    oto_mve_kept_pair 0, 16               \n"
    ".else                                     \n"
    "    oto_mve_kept_pair 0, 0                \n"
    ".endif                                    \n"
    ".if oto_group == 3                        \n"
    "    oto_mve_kept_pair 32, 32              \n"
    ".elseif oto_group == 4                    \n"
    "    oto_mve_kept_pair 32, 48              \n"
    ".endif                                    \n"
    "    add     r1, r1, #16*oto_group*oto_vectors\n"
    "    subs    r5, r5, #1                    \n"
    "    bne     1b                            \n"
    "    vpop    {d8-d15}                      \n"
    "    pop     {r4-r6, r8-r10, pc}           \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

/* Make the loops of one shape; `fits` is false where other kernels compute it. */
#define OTO_MVE_NINE_LOOP(name, fits, stride, channels, shift)                                     \
    OTO_ASM_LOOP void name(const oto_mve_nine_taps *taps OTO_IN_REGISTER,                          \
                           const int16_t *samples OTO_IN_REGISTER, int8_t *out OTO_IN_REGISTER,    \
                           int32_t count OTO_IN_REGISTER) {                                        \
        __asm__ volatile(".if %c0; oto_mve_nine %c1, %c2, %c3; .endif"                             \
                         :                                                                         \
                         : "n"(fits), "n"(2 * (stride)), "n"(channels), "n"(shift));               \
    }
#define OTO_MVE_SIGNS_LOOP(name, fits, stride)                                                     \
    OTO_ASM_LOOP void name(const oto_mve_nine_taps *taps OTO_IN_REGISTER,                          \
                           const int16_t *last OTO_IN_REGISTER, uint32_t *planes OTO_IN_REGISTER,  \
                           int32_t words OTO_IN_REGISTER) {                                        \
        __asm__ volatile(".if %c0; oto_mve_signs %c1; .endif" : : "n"(fits), "n"(stride));         \
    }
#define OTO_MVE_KEPT_LOOP(name, fits, group, vectors, step, pairs)                                 \
    OTO_ASM_LOOP void name(const int8_t *before OTO_IN_REGISTER,                                   \
                           const void *weight OTO_IN_REGISTER, int32_t groups OTO_IN_REGISTER,     \
                           int32_t *best OTO_IN_REGISTER) {                                        \
        __asm__ volatile(".if %c0; oto_mve_kept %c1, %c2, %c3, %c4; .endif"                        \
                         :                                                                         \
                         : "n"(fits), "n"(group), "n"(vectors), "n"(step), "n"(pairs));            \
    }

#endif
