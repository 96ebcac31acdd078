/* The inner loop of convolutions of signs on MVE: one patch against groups of four channels. */
#ifndef OTO_XNOR_CONV_MVE_GROUPS_H
#define OTO_XNOR_CONV_MVE_GROUPS_H

#include "../common/asm_loop.h"
#include "../common/mve.h"
#include "mve_sizes.h"

/* Ones of every byte, and what else the loops load from. */
#define OTO_MVE_ONES_4(n) (n), (n) + 1, (n) + 1, (n) + 2
#define OTO_MVE_ONES_16(n)                                                                         \
    OTO_MVE_ONES_4(n), OTO_MVE_ONES_4((n) + 1), OTO_MVE_ONES_4((n) + 1), OTO_MVE_ONES_4((n) + 2)
#define OTO_MVE_ONES_64(n)                                                                         \
    OTO_MVE_ONES_16(n), OTO_MVE_ONES_16((n) + 1), OTO_MVE_ONES_16((n) + 1), OTO_MVE_ONES_16((n) + 2)
static const struct {
    uint8_t ones[256];
    uint32_t lanes[4]; /* the bit of each lane */
} oto_mve_table OTO_ALIGN(16) = {
    {OTO_MVE_ONES_64(0), OTO_MVE_ONES_64(1), OTO_MVE_ONES_64(1), OTO_MVE_ONES_64(2)}, {1, 2, 4, 8}};

/* Up to eight groups of channels against a patch. For bits io holds limits, and the result has a
 * bit for every count below its own; otherwise io takes the counts and there is no result. */
typedef uint32_t oto_mve_groups(const void *patch, const uint32_t *weight, int32_t groups,
                                int32_t *io);

/* r1 weights, r3 limits or counts, r5 a patch that is read, r8 bits, r9 the table, lr groups. */
/* clang-format off */
__asm__(
    ".ifndef oto_mve_groups_written            \n"
    ".set oto_mve_groups_written, 1            \n"

    /* four channels against one vector of the patch: vaddv begins sums, vaddva goes on with them */
    ".macro oto_mve_differ patch, operation    \n"
    "    oto_mve_differ_two \\patch, \\operation, r0, r2\n"
    "    oto_mve_differ_two \\patch, \\operation, r4, r6\n"
    ".endm                                     \n"
    ".macro oto_mve_differ_two patch, operation, a, b\n"
    "    vldrb.u8 q3, [r1], #16                \n"
    "    vldrb.u8 q4, [r1], #16                \n"
    "    veor    q3, q3, \\patch               \n"
    "    veor    q4, q4, \\patch               \n"
    "    vldrb.u8 q5, [r9, q3]                 \n"
    "    vldrb.u8 q6, [r9, q4]                 \n"
    "    \\operation\\().u8 \\a, q5            \n"
    "    \\operation\\().u8 \\b, q6            \n"
    ".endm                                     \n"
    ".macro oto_mve_lanes                      \n"
    "    vmov    q3[2], q3[0], r0, r4          \n"
    "    vmov    q3[3], q3[1], r2, r6          \n"
    ".endm                                     \n"

    /* one vector of a patch that is held: without what lies beyond the patch in its last one */
    ".macro oto_mve_hold_vector q, number, at  \n"
    ".if oto_vectors == \\number && oto_part   \n"
    "    vpst                                  \n"
    "    vldrbt.u8 \\q, [r0, #\\at]            \n"
    ".elseif oto_vectors >= \\number           \n"
    "    vldrb.u8 \\q, [r0, #\\at]             \n"
    ".endif                                    \n"
    ".endm                                     \n"
    /* a word beyond the vectors, in all four lanes */
    ".macro oto_mve_hold_tail q, at, is_last   \n"
    "    ldr     r6, [r0, #\\at]               \n"
    ".if \\is_last && oto_last < 32            \n"
    "    ubfx    r6, r6, #0, #oto_last         \n"
    ".endif                                    \n"
    "    vdup.32 \\q, r6                       \n"
    ".endm                                     \n"
    /* a patch of up to three registers: vectors in q0 on, tails in the registers up to q2 */
    ".macro oto_mve_hold                       \n"
    ".if oto_part                              \n"
    "    mov     r6, #oto_part                 \n"
    "    vctp.8  r6                            \n"
    ".endif                                    \n"
    "    oto_mve_hold_vector q0, 1, 0          \n"
    "    oto_mve_hold_vector q1, 2, 16         \n"
    "    oto_mve_hold_vector q2, 3, 32         \n"
    ".if oto_tails == 1 && oto_vectors == 1    \n"
    "    oto_mve_hold_tail q1, 16, 1           \n"
    ".elseif oto_tails == 1                    \n"
    "    oto_mve_hold_tail q2, 32, 1           \n"
    ".elseif oto_tails == 2                    \n"
    "    oto_mve_hold_tail q1, 16, 0           \n"
    "    oto_mve_hold_tail q2, 20, 1           \n"
    ".endif                                    \n"
    ".if oto_tails                             \n"
    "    mov     r10, #0x01010101              \n"
    ".endif                                    \n"
    ".endm                                     \n"
    /* ones of four channels' tail words into q5 */
    ".macro oto_mve_tails                      \n"
    "    vldrb.u8 q4, [r1], #16                \n"
    ".if oto_vectors == 1                      \n"
    "    veor    q4, q4, q1                    \n"
    ".else                                     \n"
    "    veor    q4, q4, q2                    \n"
    ".endif                                    \n"
    "    vldrb.u8 q5, [r9, q4]                 \n"
    ".if oto_tails == 2                        \n"
    "    vldrb.u8 q4, [r1], #16                \n"
    "    veor    q4, q4, q2                    \n"
    "    vldrb.u8 q6, [r9, q4]                 \n"
    "    vadd.i8 q5, q5, q6                    \n"
    ".endif                                    \n"
    "    vmul.i32 q5, q5, r10                  \n"
    "    vshr.u32 q5, q5, #24                  \n"
    ".endm                                     \n"

    /* differing bits of four channels into the lanes of q3, of a patch held or read */
    ".macro oto_mve_count_held                 \n"
    "    oto_mve_differ q0, vaddv              \n"
    ".if oto_vectors > 1                       \n"
    "    oto_mve_differ q1, vaddva             \n"
    ".endif                                    \n"
    ".if oto_vectors > 2                       \n"
    "    oto_mve_differ q2, vaddva             \n"
    ".endif                                    \n"
    "    oto_mve_lanes                         \n"
    ".if oto_tails                             \n"
    "    oto_mve_tails                         \n"
    "    vadd.i32 q3, q3, q5                   \n"
    ".endif                                    \n"
    ".endm                                     \n"
    ".macro oto_mve_read_vector operation      \n"
    "    vldrb.u8 q0, [r5], #16                \n"
    "    oto_mve_differ q0, \\operation        \n"
    ".endm                                     \n"
    ".macro oto_mve_count_read loops, unroll   \n"
    "    oto_mve_read_vector vaddv             \n"
    ".if \\loops                               \n"
    "    mov     r10, #\\loops                 \n"
    "3:                                        \n"
    ".rept \\unroll                            \n"
    "    oto_mve_read_vector vaddva            \n"
    ".endr                                     \n"
    "    subs    r10, r10, #1                  \n"
    "    bne     3b                            \n"
    ".endif                                    \n"
    ".rept oto_vectors - 1 - \\loops * \\unroll\n"
    "    oto_mve_read_vector vaddva            \n"
    ".endr                                     \n"
    "    oto_mve_lanes                         \n"
    "    sub     r5, r5, #16 * oto_vectors     \n"
    ".endm                                     \n"

    /* to_bits: four bits where a count is below its limit; else the counts themselves */
    ".macro oto_mve_groups to_bits, held, vectors, part, tails, last, loops, unroll, table\n"
    "    .set    oto_vectors, \\vectors        \n"
    "    .set    oto_part, \\part              \n"
    "    .set    oto_tails, \\tails            \n"
    "    .set    oto_last, \\last              \n"
    "    push    {r4-r6, r8-r10, lr}           \n"
    "    vpush   {d8-d15}                      \n"
    "    dls     lr, r2                        \n"
    "    movw    r9, #:lower16:\\table       \n"
    "    movt    r9, #:upper16:\\table       \n"
    ".if \\to_bits                             \n"
    "    mov     r8, #0                        \n"
    "    vldrw.32 q7, [r9, #256]               \n" /* the bits of four lanes, which move on */
    ".endif                                    \n"
    ".if \\held                                \n"
    "    oto_mve_hold                          \n"
    ".else                                     \n"
    "    mov     r5, r0                        \n"
    ".endif                                    \n"
    "2:                                        \n" /* a group */
    ".if \\held                                \n"
    "    oto_mve_count_held                    \n"
    ".else                                     \n"
    "    oto_mve_count_read \\loops, \\unroll  \n"
    ".endif                                    \n"
    ".if \\to_bits                             \n"
    "    vldrw.32 q4, [r3], #16                \n"
    "    vpt.s32 gt, q4, q3                    \n"
    "    vaddvat.u32 r8, q7                    \n"
    "    vshl.i32 q7, q7, #4                   \n"
    ".else                                     \n"
    "    vstrw.32 q3, [r3], #16                \n"
    ".endif                                    \n"
    "    le      lr, 2b                        \n"
    ".if \\to_bits                             \n"
    "    mov     r0, r8                        \n"
    ".endif                                    \n"
    "    vpop    {d8-d15}                      \n"
    "    pop     {r4-r6, r8-r10, pc}           \n"
    ".endm                                     \n"
    ".endif                                    \n");
/* clang-format on */

#define OTO_MVE_GROUPS_LOOP(name, to_bits, patch)                                                  \
    OTO_ASM_LOOP uint32_t name(const void *patch_at OTO_IN_REGISTER,                               \
                               const uint32_t *weight OTO_IN_REGISTER,                             \
                               int32_t groups OTO_IN_REGISTER, int32_t *io OTO_IN_REGISTER) {      \
        __asm__ volatile("oto_mve_groups %c0, %c1, %c2, %c3, %c4, %c5, %c6, %c7, %c8"              \
                         :                                                                         \
                         : "n"(to_bits), "n"(OTO_MVE_HELD(patch)), "n"(OTO_MVE_VECTORS(patch)),    \
                           "n"(OTO_MVE_PART(patch)), "n"(OTO_MVE_TAILS(patch)),                    \
                           "n"(OTO_MVE_LAST_BITS(patch)),                                          \
                           "n"(OTO_MVE_LOOPS(OTO_MVE_VECTORS(patch))), "n"(OTO_MVE_UNROLL),        \
                           "i"(&oto_mve_table));                                                   \
        __builtin_unreachable();                                                                   \
    }

/* Makes the loop of a binary convolution. */
struct oto_xnor_loops {
    oto_mve_groups *groups;
};
#define OTO_XNOR_LOOPS(name, to_bits, kernel_h, kernel_w, in_channels)                             \
    OTO_MVE_GROUPS_LOOP(name##_groups, to_bits, (kernel_w)*OTO_MVE_SIGNS(in_channels, kernel_h))   \
    static const oto_xnor_loops name##_loops = {name##_groups}

#endif
