/* Convolution of signs for MVE (Cortex-M55), which has no population count: a gather looks up the
 * ones of sixteen bytes at once.
 *
 * The input rows that one row of outputs reads become a strip: for every column of the padded input
 * the signs of its kernel_h rows, [ky][channel] without gaps, rounded up to a byte. A patch is then
 * one run of bytes, and its order of bits is [kx][ky][channel]. Weights have that order, in groups
 * of four channels: [group][vector][channel][16 bytes], then [group][tail word][channel][4 bytes],
 * padded with zeros to whole groups.
 *
 * Short patches stay in registers, and what they have beyond whole vectors is taken for four
 * channels in one vector. Counted in instructions, 16 bytes of a channel cost four and a quarter;
 * on silicon a gather takes longer than other instructions. */
#ifndef OTO_XNOR_CONV_MVE_H
#define OTO_XNOR_CONV_MVE_H

#include <string.h>

#include "mve_groups.h"
#include "mve_output.h"
#include "mve_strip.h"

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
        const uint32_t bits = l->loops->groups(p, l->weight + n / 4 * group, OTO_CEIL_DIV(some, 4),
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
#define OTO_XNOR_RUN_SCRATCH(in_channels, out_w, out_channels, kernel_h, kernel_w, stride_w,       \
                             pool_w)                                                               \
    (4 * 4 * OTO_CEIL_DIV(out_channels, 4) * 4 +                                                   \
     OTO_CEIL_DIV((kernel_w)*OTO_MVE_SIGNS(in_channels, kernel_h), 16) * 16 +                      \
     OTO_MVE_STRIP(OTO_MVE_COLUMNS(out_w, kernel_w, stride_w, pool_w),                             \
                   OTO_MVE_SIGNS(in_channels, kernel_h)))

/* in: rows of signs; shortcut: int16 stream [conv height][shortcut_width][shortcut channels] or
 * NULL; out: pooled map, which may overlap `shortcut` as the compiler's planner allows. Scratch:
 * bases of the left border, the middle and the right border, results, a padded patch, a strip. */
OTO_INLINE void oto_xnor_run(const oto_xnor *l, const uint32_t *in, const int16_t *shortcut,
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

#endif
