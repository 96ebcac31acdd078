/* Convolution of signs for MVE (Cortex-M55), which has no population count: a gather looks up the
 * ones of sixteen bytes at once.
 *
 * The input rows that one row of outputs reads become a strip: for every column of the padded input
 * the signs of its kernel_h rows, [ky][channel] without gaps, rounded up to a byte. A patch is then
 * one run of bytes, and its order of bits is [kx][ky][channel]. Weights (agent/compiler/
 * kernels-mve.ts) have that order, in groups of four channels: [group][vector][channel][16 bytes],
 * then [group][tail word][channel][4 bytes], padded with zeros to whole groups.
 *
 * Short patches stay in registers, and what they have beyond whole vectors is taken for four
 * channels in one vector. Counted in instructions, 16 bytes of a channel cost four and a quarter;
 * on silicon a gather takes longer than other instructions. */
#ifndef OTO_XNOR_MVE_H
#define OTO_XNOR_MVE_H

#include <string.h>

#include "stage_mve.h"
#include "xnor.h"
#include "xnor_run.h"

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

/* Up to 32 bits at a bit of a run of bytes. */
OTO_INLINE void oto_mve_or_bits(uint8_t *to, int32_t at, int32_t count, uint32_t v) {
    to += at >> 3;
    uint64_t shifted = (uint64_t)v << (at & 7);
    for (int32_t left = (at & 7) + count; left > 0; left -= 8, shifted >>= 8)
        *to++ |= (uint8_t)shifted;
}

/* `count` ones at bit `at`. */
OTO_INLINE void oto_mve_or_ones(uint8_t *to, int32_t at, int32_t count) {
    for (int32_t i = 0; i < count; i += 32) {
        const int32_t n = oto_min(32, count - i);
        oto_mve_or_bits(to, at + i, n, n == 32 ? UINT32_MAX : (1u << n) - 1u);
    }
}

/* One column of a strip from the map; rows beyond the map are `fill`. */
OTO_INLINE void oto_mve_fill_column(const oto_xnor *l, const uint32_t *in, int32_t top, int32_t x,
                                    uint8_t *to) {
    const oto_window *w = &l->window;
    const int32_t c = w->in.channels, row_words = OTO_BIT_ROW_WORDS(w->in.width, c);
    const int32_t column = oto_mve_cut_of(w).column;
    if (c % 8 == 0) {
        for (int32_t ky = 0; ky < w->kernel_h; ky++) {
            const int32_t iy = top + ky;
            uint8_t *at = to + ky * (c / 8);
            if (iy >= 0 && iy < w->in.height)
                oto_mve_copy(at, (const uint8_t *)(in + iy * row_words) + x * (c / 8), c / 8);
            else
                memset(at, l->pad_value > 0 ? 0xff : 0, (size_t)(c / 8));
        }
        return;
    }
    memset(to, 0, (size_t)column);
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int32_t iy = top + ky;
        const uint32_t *row = in + iy * row_words;
        if (iy >= 0 && iy < w->in.height) {
            for (int32_t i = 0; i < c; i += 32) {
                const int32_t n = oto_min(32, c - i);
                oto_mve_or_bits(to, ky * c + i, n, oto_bits_get(row, x * c + i, n));
            }
        } else if (l->pad_value > 0)
            oto_mve_or_ones(to, ky * c, c);
    }
}

/* The strip of row `y` of the convolution, before its pool. */
OTO_INLINE void oto_mve_fill_signs(const oto_xnor *l, const uint32_t *in, int32_t y,
                                   uint8_t *strip) {
    const oto_window *w = &l->window;
    const oto_mve_cut s = oto_mve_cut_of(w);
    const int32_t top = y * w->stride_h - w->pad_top;
    for (int32_t i = 0; i < s.columns; i++) {
        const int32_t x = i - w->pad_left;
        uint8_t *to = strip + i * s.column;
        if (x >= 0 && x < w->in.width) {
            oto_mve_fill_column(l, in, top, x, to);
        } else {
            memset(to, 0, (size_t)s.column);
            if (l->pad_value > 0)
                oto_mve_or_ones(to, 0, w->kernel_h * w->in.channels);
        }
    }
}

/* Per channel, for positions whose taps within the map are `t`: for signs the limit below which a
 * count gives 1, else the accumulator of count 0. */
OTO_INLINE void oto_mve_base(const oto_xnor *l, oto_taps t, int32_t *base) {
    const oto_window *w = &l->window;
    const int32_t all = w->kernel_h * w->kernel_w;
    const int32_t taps = l->pad_value == 0 ? (t.y1 - t.y0) * (t.x1 - t.x0) : all;
    for (int32_t n = 0; n < w->out.channels; n++) {
        int32_t b = taps * w->in.channels;
        for (int32_t i = 0; i < all && taps < all; i++) {
            const int32_t ky = i / w->kernel_w, kx = i % w->kernel_w;
            if (ky < t.y0 || ky >= t.y1 || kx < t.x0 || kx >= t.x1)
                b += 2 * (l->pad_ones ? l->pad_ones[n * all + i] : l->pad_ones16[n * all + i]);
        }
        base[n] = l->stage.kind == OTO_TO_BITS ? ((b - l->stage.threshold[n]) >> 1) + 1 : b;
    }
}

/* The shortcut's values for channels n..; its channels repeat. */
OTO_INLINE int32x4_t oto_mve_shortcut(const oto_stage *s, const int16_t *shortcut, int32_t n,
                                      int32_t channels, int32_t count) {
    const int32_t c = s->shortcut_channels;
    if (c >= channels || c % 4 == 0) {
        const int16_t *from = shortcut + (c >= channels ? n : n % c);
        return count == 4 ? vldrhq_s32(from) : vldrhq_z_s32(from, vctp32q((uint32_t)count));
    }
    int32_t lanes[4];
    for (int32_t i = 0; i < 4; i++)
        lanes[i] = shortcut[(n + i) % c];
    return vldrwq_s32(lanes);
}

OTO_INLINE int32x4_t oto_mve_load4_s16(const int16_t *from, int32_t count) {
    return count == 4 ? vldrhq_s32(from) : vldrhq_z_s32(from, vctp32q((uint32_t)count));
}

/* Accumulators of channels n.. and the shortcut -> int16 stream, 32 bits wide. A PReLU whose slope
 * is at most 1 is a maximum. */
OTO_INLINE int32x4_t oto_mve_residual(const oto_stage *s, int32x4_t acc, int32x4_t shortcut,
                                      int32_t n, int32_t count) {
    int32x4_t v = vmulq_s32(acc, oto_mve_load4_s16(s->multiplier16 + n, count));
    v = vaddq_s32(v, oto_mve_load4(s->bias + n, count));
    v = vaddq_s32(s->shift == 0 ? v : vshlq_r_s32(v, -s->shift), shortcut);
    v = vmovlbq_s16(vqmovnbq_s32(vreinterpretq_s16_s32(v), v));
    const int32x4_t scaled = vmulq_s32(v, oto_mve_load4_s16(s->slope + n, count));
    return vmaxq_s32(v, vshrq_n_s32(scaled, 15));
}

/* Counts of channels n.. at one position -> the pooled map; `first` of a pool field begins it. */
OTO_INLINE void oto_mve_take(const oto_xnor *l, const int32_t *base, const int32_t *result,
                             const int16_t *shortcut, int32_t n, int32_t count, bool first,
                             int32_t at, void *out) {
    const oto_stage *s = &l->stage;
    const int32x4_t acc = vmlaq_n_s32(vldrwq_s32(base + n), vldrwq_s32(result + n), -2);
    const mve_pred16_t p = vctp32q((uint32_t)count);
    if (s->kind == OTO_TO_INT8) {
        int8_t *o = (int8_t *)out + at + n;
        int8x16_t v = vreinterpretq_s8_s32(oto_mve_requantize(s, acc, n, count));
        if (!first)
            v = vmaxq_s8(v, vreinterpretq_s8_s32(vldrbq_z_s32(o, p)));
        vstrbq_p_s32(o, vreinterpretq_s32_s8(v), p);
        return;
    }
    int16_t *o = (int16_t *)out + at + n;
    const int32x4_t q =
        s->kind == OTO_TO_INT16
            ? oto_mve_requantize(s, acc, n, count)
            : oto_mve_residual(s, acc,
                               oto_mve_shortcut(s, shortcut, n, l->window.out.channels, count), n,
                               count);
    int16x8_t v = vreinterpretq_s16_s32(q);
    if (!first)
        v = vmaxq_s16(v, vreinterpretq_s16_s32(oto_mve_load4_s16(o, count)));
    oto_mve_store_int16(vreinterpretq_s32_s16(v), count, o);
}

/* One position of the unpooled map; p: its patch. */
OTO_INLINE void oto_mve_position(const oto_xnor *l, const uint8_t *p, int32_t *base,
                                 int32_t *result, const int16_t *shortcut, int32_t y, int32_t x,
                                 void *out) {
    const oto_window *w = &l->window;
    const int32_t c = w->out.channels, group = oto_mve_cut_of(w).group;
    const int32_t py = y / w->pool_h, px = x / w->pool_w;
    const bool to_bits = l->stage.kind == OTO_TO_BITS;
    uint32_t *row = (uint32_t *)out + py * OTO_BIT_ROW_WORDS(w->out.width, c);
    for (int32_t n = 0; n < c; n += 32) {
        const int32_t some = oto_min(32, c - n);
        const uint32_t bits =
            oto_mve_groups(w, to_bits, p, l->weight + n / 4 * group, OTO_CEIL_DIV(some, 4),
                           to_bits ? base + n : result + n);
        if (to_bits)
            oto_bits_or(row, px * c + n, some, some == 32 ? bits : bits & ((1u << some) - 1u));
    }
    if (to_bits)
        return;
    const bool first = y % w->pool_h == 0 && x % w->pool_w == 0;
    const int32_t at = (py * w->out.width + px) * c, whole = c / 4 * 4;
    for (int32_t n = 0; n < whole; n += 4)
        oto_mve_take(l, base, result, shortcut, n, 4, first, at, out);
    if (whole < c)
        oto_mve_take(l, base, result, shortcut, whole, c - whole, first, at, out);
}

/* Bytes of the scratch below. */
#undef OTO_XNOR_RUN_SCRATCH
#define OTO_XNOR_RUN_SCRATCH(in_channels, out_w, out_channels, kernel_h, kernel_w, stride_w,       \
                             pool_w)                                                               \
    (4 * 4 * OTO_CEIL_DIV(out_channels, 4) * 4 +                                                   \
     OTO_CEIL_DIV((kernel_w)*OTO_MVE_SIGNS(in_channels, kernel_h), 16) * 16 +                      \
     OTO_MVE_STRIP(OTO_MVE_COLUMNS(out_w, kernel_w, stride_w, pool_w),                             \
                   OTO_MVE_SIGNS(in_channels, kernel_h)))

/* As oto_xnor_run. Scratch: bases of the left border, the middle and the right border, results,
 * a padded patch, a strip. */
OTO_INLINE void oto_mve_xnor_run(const oto_xnor *l, const uint32_t *in, const int16_t *shortcut,
                                 int32_t shortcut_width, void *out, void *scratch) {
    const oto_window *w = &l->window;
    const oto_mve_cut s = oto_mve_cut_of(w);
    const int32_t channels = OTO_CEIL_DIV(w->out.channels, 4) * 4;
    int32_t *bases = (int32_t *)scratch, *result = bases + 3 * channels;
    uint8_t *patch = (uint8_t *)(result + channels);
    uint8_t *strip = patch + OTO_CEIL_DIV(s.patch, 16) * 16;
    const oto_taps none = {-1, 0, 0, 0};
    oto_taps cached[3] = {none, none, none};
    if (l->stage.kind == OTO_TO_BITS)
        memset(out, 0,
               (size_t)(w->out.height * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels)) * 4);
    for (int32_t y = 0; y < w->out.height * w->pool_h; y++) {
        oto_mve_fill_signs(l, in, y, strip);
        for (int32_t x = 0; x < w->out.width * w->pool_w; x++) {
            const oto_taps t = oto_taps_at(w, y, x);
            const int32_t side = t.x0 > 0 ? 0 : t.x1 < w->kernel_w ? 2 : 1;
            if (!oto_taps_equal(cached[side], t)) {
                oto_mve_base(l, t, bases + side * channels);
                cached[side] = t;
            }
            const uint8_t *p = strip + x * w->stride_w * s.column;
            if (!s.held && s.part > 0) {
                for (int32_t i = 0; i < s.vectors - 1; i++)
                    vstrbq_u8(patch + 16 * i, vldrbq_u8(p + 16 * i));
                const int32_t i = 16 * (s.vectors - 1);
                vstrbq_u8(patch + i, vldrbq_z_u8(p + i, vctp8q((uint32_t)s.part)));
                p = patch;
            }
            const int32_t from = (y * shortcut_width + x) * l->stage.shortcut_channels;
            oto_mve_position(l, p, bases + side * channels, result,
                             shortcut ? shortcut + from : NULL, y, x, out);
        }
    }
}

#define oto_xnor_run oto_mve_xnor_run

#endif
