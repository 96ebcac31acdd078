/* Convolution of signs (SPEC.md, "Binary convolution"). A patch of input bits is gathered once per
 * position; a target's kernel (xnor_portable.h, xnor_dsp.h, xnor_mve.h, xnor_wasm.h) counts the
 * bits in which it differs from each channel's weights.
 *
 * Order of bits in a patch and in weights:
 * - rows: where the input's channels are a multiple of 32, [ky][kx][channel word]; rows of the
 * kernel that meet only padding are skipped;
 * - dense: otherwise, all kernel_h * kernel_w * channels bits without gaps.
 * Padding bits read as 0 (or as the constant sign); what zero padding must not count is taken out
 * through `pad_ones`, once per kind of border. */
#ifndef OTO_XNOR_CONV_PATCH_H
#define OTO_XNOR_CONV_PATCH_H

#include <string.h>

#include "../common/bits.h"
#include "../common/output_stage.h"
#include "sizes.h"

/* The taps of the kernel that lie within the map at one position. */
typedef struct {
    int32_t y0, y1, x0, x1;
} oto_taps;

OTO_INLINE bool oto_taps_equal(oto_taps a, oto_taps b) {
    return a.y0 == b.y0 && a.y1 == b.y1 && a.x0 == b.x0 && a.x1 == b.x1;
}

OTO_INLINE oto_taps oto_taps_at(const oto_window *w, int32_t y, int32_t x) {
    const int32_t top = y * w->stride_h - w->pad_top, left = x * w->stride_w - w->pad_left;
    const oto_taps t = {oto_max(0, -top), oto_min(w->kernel_h, w->in.height - top),
                        oto_max(0, -left), oto_min(w->kernel_w, w->in.width - left)};
    return t;
}

/* Ones in the weights of channel n at taps that read as padding yet are counted. */
OTO_INLINE int32_t oto_xnor_pad_ones(const oto_xnor *l, int32_t n, oto_taps t) {
    const oto_window *w = &l->window;
    const bool skips = OTO_XNOR_SKIPS(w->kernel_h, w->kernel_w, w->in.channels);
    int32_t ones = 0;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const bool row_outside = ky < t.y0 || ky >= t.y1;
        if (skips && row_outside)
            continue;
        for (int32_t kx = 0; kx < w->kernel_w; kx++) {
            if (!row_outside && kx >= t.x0 && kx < t.x1)
                continue;
            const int32_t i = (n * w->kernel_h + ky) * w->kernel_w + kx;
            ones += l->pad_ones ? l->pad_ones[i] : l->pad_ones16[i];
        }
    }
    return ones;
}

/* Per channel, what a count of differing bits is compared with or subtracted from at positions with
 * taps `t`: for signs the start such that (start + count) < 0 is the output bit, else the
 * accumulator of count 0. */
OTO_INLINE void oto_xnor_base(const oto_xnor *l, oto_taps t, int32_t *base) {
    const oto_window *w = &l->window;
    const bool zero_pad = l->pad_value == 0;
    const int32_t taps = zero_pad ? (t.y1 - t.y0) * (t.x1 - t.x0) : w->kernel_h * w->kernel_w;
    const bool whole = taps == w->kernel_h * w->kernel_w;
    for (int32_t n = 0; n < w->out.channels; n++) {
        int32_t b = taps * w->in.channels;
        if (zero_pad && !whole)
            b += 2 * oto_xnor_pad_ones(l, n, t);
        base[n] = l->stage.kind == OTO_TO_BITS ? -(((b - l->stage.threshold[n]) >> 1) + 1) : b;
    }
}

/* Gathers the patch at (y, x); returns its first word within a channel's weights, and its length.
 */
OTO_INLINE int32_t oto_xnor_gather_rows(const oto_xnor *l, const uint32_t *in, int32_t y, int32_t x,
                                        oto_taps t, uint32_t *patch, int32_t *words) {
    const oto_window *w = &l->window;
    const int32_t cw = w->in.channels / 32, segment = w->kernel_w * cw;
    const uint32_t fill = l->pad_value > 0 ? UINT32_MAX : 0;
    const int32_t left = x * w->stride_w - w->pad_left;
    const bool skips =
        l->pad_value == 0 && OTO_XNOR_SKIPS(w->kernel_h, w->kernel_w, w->in.channels);
    const int32_t y0 = skips ? t.y0 : 0, y1 = skips ? t.y1 : w->kernel_h;
    const bool inside = t.x0 == 0 && t.x1 == w->kernel_w;
    uint32_t *to = patch;
    for (int32_t ky = y0; ky < y1; ky++, to += segment) {
        const int32_t iy = y * w->stride_h - w->pad_top + ky;
        const bool row_inside = ky >= t.y0 && ky < t.y1;
        const uint32_t *from = in + iy * w->in.width * cw + left * cw;
        if (row_inside && inside) {
            for (int32_t i = 0; i < segment; i++)
                to[i] = from[i];
            continue;
        }
        for (int32_t kx = 0; kx < w->kernel_w; kx++) {
            const bool tap_inside = row_inside && kx >= t.x0 && kx < t.x1;
            for (int32_t i = 0; i < cw; i++)
                to[kx * cw + i] = tap_inside ? from[kx * cw + i] : fill;
        }
    }
    *words = (y1 - y0) * segment;
    return y0 * segment;
}

OTO_INLINE void oto_xnor_gather_dense(const oto_xnor *l, const uint32_t *in, int32_t y, int32_t x,
                                      oto_taps t, uint32_t *patch) {
    const oto_window *w = &l->window;
    const int32_t c = w->in.channels, row_words = OTO_BIT_ROW_WORDS(w->in.width, c);
    const int32_t left = x * w->stride_w - w->pad_left;
    const uint32_t fill = l->pad_value > 0 ? UINT32_MAX : 0;
    const int32_t words = OTO_XNOR_WORDS(w->kernel_h * w->kernel_w, c);
    for (int32_t i = 0; i < words; i++)
        patch[i] = 0;
    const bool border = t.x0 != 0 || t.x1 != w->kernel_w || t.y0 != 0 || t.y1 != w->kernel_h;
    if (fill != 0 && border)
        for (int32_t at = 0; at < w->kernel_h * w->kernel_w * c; at++) {
            const int32_t ky = at / c / w->kernel_w, kx = at / c % w->kernel_w;
            if (ky < t.y0 || ky >= t.y1 || kx < t.x0 || kx >= t.x1)
                patch[at >> 5] |= 1u << (at & 31);
        }
    for (int32_t ky = t.y0; ky < t.y1; ky++) {
        const uint32_t *row = in + (y * w->stride_h - w->pad_top + ky) * row_words;
        const int32_t from = (left + t.x0) * c, count = (t.x1 - t.x0) * c;
        const int32_t to = (ky * w->kernel_w + t.x0) * c;
        for (int32_t i = 0; i < count; i += 32) {
            const int32_t n = oto_min(32, count - i);
            oto_bits_or(patch, to + i, n, oto_bits_get(row, from + i, n));
        }
    }
}

/* A map's value of one output channel, from the count of differing bits. */
OTO_INLINE void oto_xnor_store(const oto_xnor *l, int32_t acc, int32_t n, const int16_t *shortcut,
                               bool first, int32_t i, void *out) {
    const oto_stage *s = &l->stage;
    if (s->kind == OTO_TO_INT8) {
        int8_t *o = (int8_t *)out + i;
        const int32_t v = oto_requantize(s, acc, n);
        *o = (int8_t)(first ? v : oto_max(v, *o));
    } else {
        int16_t *o = (int16_t *)out + i;
        const int32_t v = s->kind == OTO_TO_INT16
                              ? oto_requantize(s, acc, n)
                              : oto_residual(s, acc, n, shortcut[n % s->shortcut_channels]);
        *o = (int16_t)(first ? v : oto_max(v, *o));
    }
}

#endif
