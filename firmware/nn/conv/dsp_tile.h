/* What the inner loop reads, widened to int16: input rows and weights (dsp.h says how they lie). */
#ifndef OTO_CONV_DSP_TILE_H
#define OTO_CONV_DSP_TILE_H

#include <string.h>

#include "dsp_sizes.h"

/* Widens one kernel row of two channels: `words` pairs of taps each. Returns the next packed bytes.
 */
OTO_INLINE const uint8_t *oto_dsp_widen_weights(const uint8_t *from, int32_t words, uint32_t *to) {
    for (int32_t i = 0; i < words / 2; i++, from += 8, to += 4) {
        uint32_t a, b;
        memcpy(&a, from, 4);
        memcpy(&b, from + 4, 4);
        __asm__("sxtb16 %0, %1" : "=r"(to[0]) : "r"(a));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(to[1]) : "r"(a));
        __asm__("sxtb16 %0, %1" : "=r"(to[2]) : "r"(b));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(to[3]) : "r"(b));
    }
    if (words % 2) {
        uint32_t a;
        memcpy(&a, from, 4);
        __asm__("sxtb16 %0, %1" : "=r"(to[0]) : "r"(a));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(to[1]) : "r"(a));
        from += 4;
    }
    return from;
}

/* `count` int8 values minus the zero point -> int16; `bias` is the negated zero point in both
 * halves. */
OTO_INLINE void oto_dsp_widen(const int8_t *from, int32_t count, uint32_t bias, int16_t *to) {
    int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        uint32_t v, even, odd, pair[2];
        memcpy(&v, from + i, 4);
        __asm__("sxtab16 %0, %1, %2" : "=r"(even) : "r"(bias), "r"(v));
        __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(odd) : "r"(bias), "r"(v));
        __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair[0]) : "r"(even), "r"(odd));
        __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair[1]) : "r"(odd), "r"(even));
        memcpy(to + i, pair, 8);
    }
    for (; i < count; i++)
        to[i] = (int16_t)(from[i] + (int16_t)bias);
}

/* One input row into the tile, `positions` wide from column -pad_left on. */
OTO_INLINE void oto_dsp_tile_row(const oto_conv *l, const void *in, int32_t y, int32_t positions,
                                 int16_t *to) {
    const oto_window *w = &l->window;
    const int32_t c = w->in.channels, padded = OTO_DSP_PADDED(c, w->stride_w);
    const int32_t inside = oto_min(w->in.width, positions - w->pad_left);
    const int32_t from = y * w->in.width * c;
    const uint32_t bias = (uint32_t)(-l->in_zero & 0xffff) * 0x10001u;
    memset(to, 0, (size_t)(w->pad_left * padded) * sizeof *to);
    memset(to + (w->pad_left + inside) * padded, 0,
           (size_t)((positions - w->pad_left - inside) * padded) * sizeof *to);
    int16_t *at = to + w->pad_left * padded;
    if (c == 1) {
        /* at[2 i] = x[i], at[2 i + 1] = x[i + 1] */
        int32_t v = 0;
        for (int32_t x = 0; x < inside; x++) {
            v = l->source == OTO_FROM_INT8 ? ((const int8_t *)in)[from + x] - l->in_zero
                                           : ((const int16_t *)in)[from + x];
            at[2 * x] = (int16_t)v;
            if (x > 0 || w->pad_left > 0)
                at[2 * x - 1] = (int16_t)v;
        }
        at[2 * inside - 1] = 0;
        return;
    }
    if (l->source == OTO_FROM_INT8 && padded == c) {
        oto_dsp_widen((const int8_t *)in + from, inside * c, bias, at);
        return;
    }
    for (int32_t x = 0; x < inside; x++, at += padded) {
        if (l->source == OTO_FROM_INT8)
            oto_dsp_widen((const int8_t *)in + from + x * c, c, bias, at);
        else
            memcpy(at, (const int16_t *)in + from + x * c, (size_t)c * sizeof *at);
        if (padded > c)
            at[c] = 0;
    }
}

#endif
