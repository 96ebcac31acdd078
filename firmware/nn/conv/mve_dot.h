/* The inner loop of convolutions with int8 weights on MVE: two patches against up to four channels.
 */
#ifndef OTO_CONV_MVE_DOT_H
#define OTO_CONV_MVE_DOT_H

#include "../common/mve.h"

/* Accumulators of two positions, one lane per channel. */
typedef struct {
    int32x4_t a, b;
} oto_mve_pair;

/* One vector of two patches against one vector of a group's channels. VMLADAV begins a sum,
 * VMLADAVA goes on with it. */
#define OTO_MVE_CHANNEL(LOAD, TYPE, OP, a, b, q)                                                   \
    LOAD " " q ", [%[w]], #16\n\t" OP TYPE " " a ", q0, " q "\n\t" OP TYPE " " b ", q1, " q "\n\t"
#define OTO_MVE_CHANNELS_1(LOAD, TYPE, OP) OTO_MVE_CHANNEL(LOAD, TYPE, OP, "r0", "r8", "q2")
#define OTO_MVE_CHANNELS_2(LOAD, TYPE, OP)                                                         \
    OTO_MVE_CHANNELS_1(LOAD, TYPE, OP) OTO_MVE_CHANNEL(LOAD, TYPE, OP, "r2", "r10", "q3")
#define OTO_MVE_CHANNELS_3(LOAD, TYPE, OP)                                                         \
    OTO_MVE_CHANNELS_2(LOAD, TYPE, OP) OTO_MVE_CHANNEL(LOAD, TYPE, OP, "r4", "r12", "q2")
#define OTO_MVE_CHANNELS_4(LOAD, TYPE, OP)                                                         \
    OTO_MVE_CHANNELS_3(LOAD, TYPE, OP) OTO_MVE_CHANNEL(LOAD, TYPE, OP, "r6", "lr", "q3")

#define OTO_MVE_PATCHES(LOAD) LOAD " q0, [%[x]], #16\n\t" LOAD " q1, [%[y]], #16\n\t"

/* Accumulators of VMLADAVA live in even registers, and all eight are used: r0 to r6 for one patch,
 * r8 to lr for the other. The last instructions move them into lanes. */
#define OTO_MVE_DOT_PAIR(CHANNELS, LOAD, TYPE)                                                     \
    __asm__ volatile(                                                                              \
        OTO_MVE_PATCHES(LOAD) CHANNELS(                                                            \
            LOAD, TYPE,                                                                            \
            "vmladav") ".if %c[loops]\n\t"                                                         \
                       "mov r11, %[loops]\n\t"                                                     \
                       "1:\n\t"                                                                    \
                       ".rept %c[unroll]\n\t" OTO_MVE_PATCHES(LOAD) CHANNELS(                      \
                           LOAD, TYPE,                                                             \
                           "vmladava") ".endr\n\t"                                                 \
                                       "subs r11, r11, #1\n\t"                                     \
                                       "bne 1b\n\t"                                                \
                                       ".endif\n\t"                                                \
                                       ".rept %c[rest]\n\t" OTO_MVE_PATCHES(LOAD) CHANNELS(        \
                                           LOAD, TYPE,                                             \
                                           "vmladava") ".endr\n\t" OTO_MVE_ROOM                    \
                                                       "vmov %q[va][2], %q[va][0], r0, r4\n\t"     \
                                                       "vmov %q[va][3], %q[va][1], r2, r6\n\t"     \
                                                       "vmov %q[vb][2], %q[vb][0], r8, r12\n\t"    \
                                                       "vmov %q[vb][3], %q[vb][1], r10, lr\n\t"    \
        : [va] "=w"(r.a), [vb] "=w"(r.b), [x] "+r"(r1), [y] "+r"(r3), [w] "+r"(r5)                 \
        : [unroll] "i"(OTO_MVE_UNROLL), [loops] "i"(OTO_MVE_LOOPS(vectors)),                       \
          [rest] "i"(vectors - 1 - OTO_MVE_UNROLL * OTO_MVE_LOOPS(vectors))                        \
        : "r0", "r2", "r4", "r6", "r8", "r10", "r11", "r12", "lr", "q0", "q1", "q2", "q3", "cc",   \
          "memory")

/* Two patches against a group of `channels` channels (1 to 4, a constant). */
OTO_INLINE oto_mve_pair oto_mve_dot_pair(const void *x, const void *y, const void *w,
                                         oto_source source, int32_t channels,
                                         const int32_t vectors) {
    oto_mve_pair r;
    register const void *r1 __asm__("r1") = x;
    register const void *r3 __asm__("r3") = y;
    register const void *r5 __asm__("r5") = w;
    if (source == OTO_FROM_INT8) {
        if (channels == 1)
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_1, "vldrb.8", ".s8");
        else if (channels == 2)
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_2, "vldrb.8", ".s8");
        else if (channels == 3)
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_3, "vldrb.8", ".s8");
        else
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_4, "vldrb.8", ".s8");
    } else {
        if (channels == 1)
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_1, "vldrh.16", ".s16");
        else if (channels == 2)
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_2, "vldrh.16", ".s16");
        else if (channels == 3)
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_3, "vldrh.16", ".s16");
        else
            OTO_MVE_DOT_PAIR(OTO_MVE_CHANNELS_4, "vldrh.16", ".s16");
    }
    return r;
}

#endif
