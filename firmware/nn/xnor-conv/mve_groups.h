/* The inner loop of convolutions of signs on MVE: one patch against groups of four channels. */
#ifndef OTO_XNOR_CONV_MVE_GROUPS_H
#define OTO_XNOR_CONV_MVE_GROUPS_H

#include "../common/mve.h"
#include "../conv/mve_sizes.h"

/* Ones of every byte, and what else the kernel loads from. */
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

/* Four channels against one vector of the patch. */
#define OTO_MVE_DIFFER(PATCH, OP)                                                                  \
    "vldrb.u8 q3, [%[w]], #16\n\tvldrb.u8 q4, [%[w]], #16\n\t"                                     \
    "veor q3, q3, " PATCH "\n\tveor q4, q4, " PATCH "\n\t"                                         \
    "vldrb.u8 q5, [%[ones], q3]\n\tvldrb.u8 q6, [%[ones], q4]\n\t" OP ".u8 r0, q5\n\t" OP          \
    ".u8 r2, q6\n\t"                                                                               \
    "vldrb.u8 q3, [%[w]], #16\n\tvldrb.u8 q4, [%[w]], #16\n\t"                                     \
    "veor q3, q3, " PATCH "\n\tveor q4, q4, " PATCH "\n\t"                                         \
    "vldrb.u8 q5, [%[ones], q3]\n\tvldrb.u8 q6, [%[ones], q4]\n\t" OP ".u8 r4, q5\n\t" OP          \
    ".u8 r6, q6\n\t"
#define OTO_MVE_DIFFER_NEXT "vldrb.u8 q0, [%[p]], #16\n\t" OTO_MVE_DIFFER("q0", "vaddva")

/* A patch of up to three registers: loads it, the last vector and the tail words without what lies
 * beyond the patch. */
#define OTO_MVE_HOLD                                                                               \
    ".if %c[part]\n\tmov r0, %[part]\n\tvctp.8 r0\n\t.endif\n\t"                                   \
    ".if %c[vectors] == 1 && %c[part]\n\tvpst\n\tvldrbt.u8 q0, [%[p]]\n\t"                         \
    ".else\n\tvldrb.u8 q0, [%[p]]\n\t.endif\n\t"                                                   \
    ".if %c[vectors] == 2 && %c[part]\n\tvpst\n\tvldrbt.u8 q1, [%[p], #16]\n\t"                    \
    ".elseif %c[vectors] > 1\n\tvldrb.u8 q1, [%[p], #16]\n\t.endif\n\t"                            \
    ".if %c[vectors] == 3 && %c[part]\n\tvpst\n\tvldrbt.u8 q2, [%[p], #32]\n\t"                    \
    ".elseif %c[vectors] > 2\n\tvldrb.u8 q2, [%[p], #32]\n\t.endif\n\t"                            \
    ".if %c[tails] == 1\n\tldr r0, [%[p], %[whole]]\n\t"                                           \
    ".if %c[last] < 32\n\tubfx r0, r0, #0, %[last]\n\t.endif\n\t"                                  \
    ".if %c[vectors] == 1\n\tvdup.32 q1, r0\n\t.else\n\tvdup.32 q2, r0\n\t.endif\n\t.endif\n\t"    \
    ".if %c[tails] == 2\n\tldr r0, [%[p], %[whole]]\n\tldr r2, [%[p], %[whole] + 4]\n\t"           \
    ".if %c[last] < 32\n\tubfx r2, r2, #0, %[last]\n\t.endif\n\t"                                  \
    "vdup.32 q1, r0\n\tvdup.32 q2, r2\n\t.endif\n\t"                                               \
    ".if %c[tails]\n\tmov r10, #0x01010101\n\t.endif\n\t"

/* Differing bits of four channels into the lanes of q3. */
#define OTO_MVE_LANES "vmov q3[2], q3[0], r0, r4\n\tvmov q3[3], q3[1], r2, r6\n\t"
#define OTO_MVE_COUNT_HELD                                                                         \
    OTO_MVE_DIFFER("q0", "vaddv")                                                                  \
    ".if %c[vectors] > 1\n\t" OTO_MVE_DIFFER(                                                      \
        "q1",                                                                                      \
        "vaddva") ".endif\n\t"                                                                     \
                  ".if %c[vectors] > 2\n\t" OTO_MVE_DIFFER(                                        \
                      "q2",                                                                        \
                      "vaddva") ".endif\n\t" OTO_MVE_LANES                                         \
                                ".if %c[tails]\n\tvldrb.u8 q4, [%[w]], #16\n\t"                    \
                                ".if %c[vectors] == 1\n\tveor q4, q4, q1\n\t.else\n\tveor q4, "    \
                                "q4, q2\n\t.endif\n\t"                                             \
                                "vldrb.u8 q5, [%[ones], q4]\n\t"                                   \
                                ".if %c[tails] == 2\n\tvldrb.u8 q4, [%[w]], #16\n\tveor q4, q4, "  \
                                "q2\n\t"                                                           \
                                "vldrb.u8 q6, [%[ones], q4]\n\tvadd.i8 q5, q5, q6\n\t.endif\n\t"   \
                                "vmul.i32 q5, q5, r10\n\tvshr.u32 q5, q5, #24\n\tvadd.i32 q3, "    \
                                "q3, q5\n\t.endif\n\t"
#define OTO_MVE_COUNT_READ                                                                         \
    "vldrb.u8 q0, [%[p]], #16\n\t" OTO_MVE_DIFFER(                                                 \
        "q0", "vaddv") ".if %c[loops]\n\tmov r10, %[loops]\n\t3:\n\t.rept "                        \
                       "%c[unroll]\n\t" OTO_MVE_DIFFER_NEXT                                        \
                       ".endr\n\tsubs r10, r10, #1\n\tbne 3b\n\t.endif\n\t"                        \
                       ".rept %c[rest]\n\t" OTO_MVE_DIFFER_NEXT ".endr\n\t" OTO_MVE_LANES          \
                       "sub %[p], %[p], %[back]\n\t"

/* What follows the counts: four bits where a count is below its limit, or the counts themselves. */
#define OTO_MVE_TO_BITS                                                                            \
    "vldrw.32 q4, [%[io]], #16\n\tvpt.s32 gt, q4, q3\n\tvaddvat.u32 %[bits], q7\n\tvshl.i32 q7, "  \
    "q7, "                                                                                         \
    "#4\n\t"
#define OTO_MVE_TO_COUNTS "vstrw.32 q3, [%[io]], #16\n\t"

/* The bits of four lanes, which move on with every group. */
#define OTO_MVE_BIT_LANES "vldrw.32 q7, [%[ones], #256]\n\t"

#define OTO_MVE_GROUPS(OPEN, COUNT, TAKE)                                                          \
    __asm__ volatile(                                                                              \
        "mov %[bits], #0\n\t" OPEN "dls lr, lr\n\t"                                                \
        "2:\n\t" COUNT TAKE "le lr, 2b\n\t" OTO_MVE_ROOM                                           \
        : [bits] "=r"(r8), [w] "+r"(r1), [p] "+r"(r3), [io] "+r"(r5), "+r"(lr)                     \
        : [ones] "r"(r9), [vectors] "i"(s.vectors), [part] "i"(s.part), [tails] "i"(s.tails),      \
          [last] "i"(s.last), [whole] "i"(s.vectors * 16), [back] "i"(s.vectors * 16),             \
          [unroll] "i"(OTO_MVE_UNROLL), [loops] "i"(OTO_MVE_LOOPS(s.vectors)),                     \
          [rest] "i"(s.vectors - 1 - OTO_MVE_UNROLL * OTO_MVE_LOOPS(s.vectors))                    \
        : "r0", "r2", "r4", "r6", "r10", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "p0",     \
          "cc", "memory")

/* Bytes of a column of signs. */
#define OTO_MVE_SIGNS(in_channels, kernel_h) OTO_CEIL_DIV((kernel_h) * (in_channels), 8)

/* How a patch is cut; bytes unless said otherwise. */
typedef struct {
    int32_t column, columns; /* of a strip: a column's size, their number */
    int32_t patch;
    bool held;       /* in registers; otherwise from memory, padded with zeros to whole vectors */
    int32_t vectors; /* whole ones, and a partial one that counts as one */
    int32_t part;    /* of a partial last vector; 0: it is whole */
    int32_t tails;   /* words beyond the vectors */
    int32_t last;    /* bits of the last of them that belong to the patch */
    int32_t group;   /* words of a group of four channels */
} oto_mve_cut;

OTO_INLINE oto_mve_cut oto_mve_cut_of(const oto_window *w) {
    oto_mve_cut s;
    s.column = OTO_MVE_SIGNS(w->in.channels, w->kernel_h);
    s.columns = OTO_MVE_COLUMNS(w->out.width, w->kernel_w, w->stride_w, w->pool_w);
    s.patch = w->kernel_w * s.column;
    const int32_t whole = s.patch / 16, rest = s.patch % 16;
    s.tails = whole > 0 && rest <= 8 ? OTO_CEIL_DIV(rest, 4) : 0;
    if (whole + s.tails > 3)
        s.tails = 0;
    s.vectors = s.tails > 0 ? whole : OTO_CEIL_DIV(s.patch, 16);
    s.held = s.vectors + s.tails <= 3;
    s.part = s.tails > 0 ? 0 : rest;
    s.last = s.tails > 0 ? 32 - (s.tails * 4 - rest) * 8 : 32;
    s.group = 16 * s.vectors + 4 * s.tails;
    return s;
}

/* Up to eight groups of channels against the patch at p. Bits: io holds limits; the result has a
 * bit for every count below its own. Otherwise io takes the counts. */
OTO_INLINE uint32_t oto_mve_groups(const oto_window *window, bool to_bits, const void *p,
                                   const uint32_t *w, int32_t groups, int32_t *io) {
    const oto_mve_cut s = oto_mve_cut_of(window);
    register const uint32_t *r1 __asm__("r1") = w;
    register const void *r3 __asm__("r3") = p;
    register int32_t *r5 __asm__("r5") = io;
    register uint32_t r8 __asm__("r8");
    register const void *r9 __asm__("r9") = &oto_mve_table;
    register int32_t lr __asm__("lr") = groups;
    if (to_bits && s.held)
        OTO_MVE_GROUPS(OTO_MVE_BIT_LANES OTO_MVE_HOLD, OTO_MVE_COUNT_HELD, OTO_MVE_TO_BITS);
    else if (to_bits)
        OTO_MVE_GROUPS(OTO_MVE_BIT_LANES, OTO_MVE_COUNT_READ, OTO_MVE_TO_BITS);
    else if (s.held)
        OTO_MVE_GROUPS(OTO_MVE_HOLD, OTO_MVE_COUNT_HELD, OTO_MVE_TO_COUNTS);
    else
        OTO_MVE_GROUPS("", OTO_MVE_COUNT_READ, OTO_MVE_TO_COUNTS);
    return r8;
}

#endif
