/* Strips of signs (mve.h). */
#ifndef OTO_XNOR_CONV_MVE_STRIP_H
#define OTO_XNOR_CONV_MVE_STRIP_H

#include <string.h>

#include "../common/bits.h"
#include "mve_sizes.h"

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

#endif
