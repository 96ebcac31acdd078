/* Convolution with int8 weights for MVE (Cortex-M55).
 *
 * The input rows that one output row reads are first copied into strips: for every column of the
 * padded input the kernel_h values below each other, [column][ky][channel]. A patch is then one run
 * of kernel_w * kernel_h * channels elements, and VMLADAVA multiplies and adds 16 of them (8 of an
 * int16 input) at once. Zero points stay in: the compiler takes them out of the bias.
 *
 * Weights (agent/compiler/kernels-mve.ts): groups of four channels, [group][vector][channel][16
 * bytes], int8 or int16 as the input is, taps in patch order, padded with zeros. The last group has
 * the channels that are left. A patch may be read up to 15 bytes too far: those meet zeros. */
#ifndef OTO_CONV_MVE_H
#define OTO_CONV_MVE_H

#include <string.h>

#include "stage_mve.h"

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

/* Columns of a strip, padding included, and its bytes: a multiple of 16 with room for reading too
 * far. */
#define OTO_MVE_COLUMNS(out_w, kernel_w, stride_w, pool_w)                                         \
    (((out_w) * (pool_w)-1) * (stride_w) + (kernel_w))
#define OTO_MVE_STRIP(columns, column_bytes)                                                       \
    (OTO_CEIL_DIV((columns) * (column_bytes) + 15, 16) * 16)

/* Bytes of scratch that a convolution takes: a strip for each row of a pool field. */
#define OTO_CONV_SCRATCH(channels, size, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w,     \
                         pool_h, pool_w, stripe)                                                   \
    ((pool_h)*OTO_MVE_STRIP(OTO_MVE_COLUMNS(out_w, kernel_w, stride_w, pool_w),                    \
                            (kernel_h) * (channels) * (size)))

/* Sizes in bytes that follow from a layer alone. */
typedef struct {
    int32_t value;   /* of one position's channels */
    int32_t columns; /* of a strip, padding included */
    int32_t vectors; /* of a patch */
    int32_t step;    /* from one patch to the next */
    int32_t strip;   /* of one strip, a multiple of 16 with room for reading too far */
} oto_mve_sizes;

OTO_INLINE oto_mve_sizes oto_mve_sizes_of(const oto_conv *l) {
    const oto_window *w = &l->window;
    oto_mve_sizes s;
    s.value = w->in.channels * (l->source == OTO_FROM_INT8 ? 1 : 2);
    s.columns = OTO_MVE_COLUMNS(w->out.width, w->kernel_w, w->stride_w, w->pool_w);
    s.vectors = OTO_CEIL_DIV(w->kernel_w * w->kernel_h * s.value, 16);
    s.step = w->stride_w * w->kernel_h * s.value;
    s.strip = OTO_MVE_STRIP(s.columns, w->kernel_h * s.value);
    return s;
}

/* The strip of row `y` of the convolution (before its pool). */
OTO_INLINE void oto_mve_fill_strip(const oto_conv *l, const uint8_t *in, int32_t y,
                                   uint8_t *strip) {
    const oto_window *w = &l->window;
    const oto_mve_sizes s = oto_mve_sizes_of(l);
    const int32_t column = w->kernel_h * s.value, row = w->in.width * s.value;
    const int32_t top = y * w->stride_h - w->pad_top;
    const int32_t inside = oto_min(w->in.width, s.columns - w->pad_left);
    uint8_t *to = strip;
    memset(to, l->in_zero, (size_t)(w->pad_left * column));
    to += w->pad_left * column;
    if (top >= 0 && top + w->kernel_h <= w->in.height) {
        const uint8_t *from = in + top * row;
        for (int32_t x = 0; x < inside; x++, from += s.value)
            for (int32_t ky = 0; ky < w->kernel_h; ky++, to += s.value)
                oto_mve_copy(to, from + ky * row, s.value);
    } else {
        for (int32_t x = 0; x < inside; x++)
            for (int32_t ky = 0; ky < w->kernel_h; ky++, to += s.value) {
                const int32_t iy = top + ky;
                if (iy >= 0 && iy < w->in.height)
                    oto_mve_copy(to, in + iy * row + x * s.value, s.value);
                else
                    memset(to, l->in_zero, (size_t)s.value);
            }
    }
    memset(to, l->in_zero, (size_t)((s.columns - w->pad_left - inside) * column));
}

/* The largest accumulators of one group of channels over the pool fields at output columns `x` and,
 * where the pool is one column wide, `x + 1` (`last`: there is none). */
OTO_INLINE oto_mve_pair oto_mve_pool(const oto_conv *l, const uint8_t *strips, int32_t x, bool last,
                                     const void *weight, int32_t channels) {
    const oto_window *w = &l->window;
    const oto_mve_sizes s = oto_mve_sizes_of(l);
    oto_mve_pair best = {vdupq_n_s32(INT32_MIN), vdupq_n_s32(INT32_MIN)};
    for (int32_t r = 0; r < w->pool_h; r++) {
        const uint8_t *from = strips + r * s.strip + x * w->pool_w * s.step;
        for (int32_t p = 0; p < w->pool_w; p += 2) {
            const bool lone = w->pool_w == 1 ? last : p + 1 == w->pool_w;
            const uint8_t *at = from + p * s.step;
            const oto_mve_pair d = oto_mve_dot_pair(at, lone ? at : at + s.step, weight, l->source,
                                                    channels, s.vectors);
            if (w->pool_w == 1) {
                best.a = r == 0 ? d.a : vmaxq_s32(best.a, d.a);
                best.b = r == 0 ? d.b : vmaxq_s32(best.b, d.b);
            } else {
                const int32x4_t both = vmaxq_s32(d.a, d.b);
                best.a = r == 0 && p == 0 ? both : vmaxq_s32(best.a, both);
            }
        }
    }
    return best;
}

/* One group of channels, from `n` on, over a row of the pooled map. */
OTO_INLINE void oto_mve_group(const oto_conv *l, const uint8_t *strips, int32_t x, int32_t y,
                              int32_t n, int32_t channels, void *out) {
    const oto_window *w = &l->window;
    const int32_t vectors = oto_mve_sizes_of(l).vectors;
    const bool last = x + 1 == w->out.width;
    const oto_mve_pair best =
        oto_mve_pool(l, strips, x, last, (const uint8_t *)l->weight + n * vectors * 16, channels);
    oto_mve_store(&l->stage, best.a, n, channels, w, y, x, out);
    if (w->pool_w == 1 && !last)
        oto_mve_store(&l->stage, best.b, n, channels, w, y, x + 1, out);
}

/* in: [height][width][channels] int8 or int16; out: pooled map, int8, int16 or rows of signs.
 * Output rows are written only when the input rows they need have been copied. */
OTO_INLINE void oto_conv_run(const oto_conv *l, const void *in, void *out, void *scratch) {
    const oto_window *w = &l->window;
    const oto_mve_sizes s = oto_mve_sizes_of(l);
    const int32_t whole = w->out.channels / 4 * 4, rest = w->out.channels - whole;
    const int32_t row_words = OTO_BIT_ROW_WORDS(w->out.width, w->out.channels);
    uint8_t *strips = (uint8_t *)scratch;
    for (int32_t y = 0; y < w->out.height; y++) {
        for (int32_t r = 0; r < w->pool_h; r++)
            oto_mve_fill_strip(l, (const uint8_t *)in, y * w->pool_h + r, strips + r * s.strip);
        if (l->stage.kind == OTO_TO_BITS)
            memset((uint32_t *)out + y * row_words, 0, (size_t)row_words * 4);
        for (int32_t x = 0; x < w->out.width; x += w->pool_w == 1 ? 2 : 1) {
            for (int32_t n = 0; n < whole; n += 4)
                oto_mve_group(l, strips, x, y, n, 4, out);
            if (rest > 0)
                oto_mve_group(l, strips, x, y, whole, rest, out);
        }
    }
}

#endif
