/* Convolution with int8 weights for MVE (Cortex-M55).
 *
 * The input rows that one output row reads are first copied into strips: for every column of the
 * padded input the kernel_h values below each other, [column][ky][channel]. A patch is then one run
 * of kernel_w * kernel_h * channels elements, and VMLADAVA multiplies and adds 16 of them (8 of an
 * int16 input) at once. Zero points stay in: the compiler takes them out of the bias.
 *
 * Weights: groups of four channels, [group][vector][channel][16
 * bytes], int8 or int16 as the input is, taps in patch order, padded with zeros. The last group has
 * the channels that are left. A patch may be read up to 15 bytes too far: those meet zeros. */
#ifndef OTO_CONV_MVE_H
#define OTO_CONV_MVE_H

#include <string.h>

#include "../common/output_stage_mve.h"
#include "../fused-front-end/mve_loops.h"
#include "mve_dot.h"
#include "mve_sizes.h"

/* Hot loops of a convolution, or of a front end's two (fused-front-end/real_mve.h, bits_mve.h). */
struct oto_conv_loops {
    oto_mve_dot *dot, *dot_rest; /* of four channels, and of those left */
    oto_mve_nine *nine;
    oto_mve_kept *kept, *kept_rest;
    oto_mve_signs *signs;
};

/* Makes those of a convolution `name`; the sizes after `out_channels` are those of
 * OTO_CONV_SCRATCH. */
#define OTO_CONV_LOOPS(name, out_channels, channels, size, out_h, out_w, kernel_h, kernel_w,       \
                       stride_h, stride_w, pool_h, pool_w, stripe)                                 \
    OTO_MVE_DOT_LOOPS(name, size, out_channels,                                                    \
                      OTO_CEIL_DIV((kernel_w) * (kernel_h) * (channels) * (size), 16))             \
    static const oto_conv_loops name##_loops = {.dot = name##_dot, .dot_rest = name##_dot_rest}

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
    oto_mve_dot *const dot = channels == 4 ? l->loops->dot : l->loops->dot_rest;
    oto_mve_pair best = {vdupq_n_s32(INT32_MIN), vdupq_n_s32(INT32_MIN)};
    for (int32_t r = 0; r < w->pool_h; r++) {
        const uint8_t *from = strips + r * s.strip + x * w->pool_w * s.step;
        for (int32_t p = 0; p < w->pool_w; p += 2) {
            const bool lone = w->pool_w == 1 ? last : p + 1 == w->pool_w;
            const uint8_t *at = from + p * s.step;
            const oto_mve_pair d = dot(weight, at, lone ? at : at + s.step);
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
