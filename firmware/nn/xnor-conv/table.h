/* Convolution of signs by table: the 3x3 kernels over one input channel. */
#ifndef OTO_XNOR_CONV_TABLE_H
#define OTO_XNOR_CONV_TABLE_H

#include "position.h"

/* Output signs of a 3x3 convolution of one input channel, from a table: indexed by the nine bits of
 * a patch within the map, by the lower six under the upper border, by the upper six above the lower
 * one. */
typedef struct {
    const uint32_t *inside; /* [512] */
    const uint32_t *top;    /* [64] */
    const uint32_t *bottom; /* [64] */
} oto_xnor_table;

/* For one input channel, zero padding of 1, stride 1, signs out, at most 32 channels. */
OTO_INLINE void oto_xnor_table_run(const oto_xnor *l, const oto_xnor_table *table,
                                   const uint32_t *in, void *out, void *scratch) {
    const oto_window *w = &l->window;
    const int32_t c = w->out.channels, row_words = OTO_BIT_ROW_WORDS(w->in.width, 1);
    const int32_t out_words = OTO_BIT_ROW_WORDS(w->out.width, c);
    oto_xnor_pass pass = oto_xnor_begin(l, in, NULL, 0, out, scratch);
    for (int32_t y = 0; y < w->out.height * w->pool_h; y++) {
        const bool at_top = y == 0, at_bottom = y == w->in.height - 1;
        const uint32_t *values = at_top ? table->top : at_bottom ? table->bottom : table->inside;
        const uint32_t *above = in + (at_top ? 0 : y - 1) * row_words, *row = in + y * row_words;
        const uint32_t *below = in + (at_bottom ? y : y + 1) * row_words;
        uint32_t *to = (uint32_t *)out + y / w->pool_h * out_words;
        oto_xnor_position(l, &pass, y, 0);
        const int32_t end = oto_min(w->out.width * w->pool_w, w->in.width - 1);
        uint32_t field = 0;
        for (int32_t x = 1; x < end;) {
            /* Bits x - 1 on: 32 of them serve 30 positions. */
            const int32_t some = oto_min(30, end - x), bits = oto_min(32, w->in.width - x + 1);
            uint32_t a = at_top ? 0 : oto_bits_get(above, x - 1, bits);
            uint32_t b = oto_bits_get(row, x - 1, bits);
            uint32_t d = at_bottom ? 0 : oto_bits_get(below, x - 1, bits);
            for (const int32_t stop = x + some; x < stop; x++, a >>= 1, b >>= 1, d >>= 1) {
                const uint32_t low = at_top ? (b & 7) | (d & 7) << 3 : (a & 7) | (b & 7) << 3;
                field |= values[at_top || at_bottom ? low : low | (d & 7) << 6];
                if (x % w->pool_w == w->pool_w - 1 || x + 1 == end) {
                    oto_bits_or(to, x / w->pool_w * c, c, field);
                    field = 0;
                }
            }
        }
        if (end < w->out.width * w->pool_w)
            oto_xnor_position(l, &pass, y, end);
    }
}

#endif
