/* One binary convolution over a map, for whichever kernel oto_nn.h has chosen. */
#ifndef OTO_XNOR_RUN_H
#define OTO_XNOR_RUN_H

#include "xnor.h"

/* Scratch of one layer: patch, three bases (left border, middle, right border), one position's
 * results. */
#define OTO_XNOR_SCRATCH(taps, in_channels, out_channels)                                          \
    ((size_t)4 * (size_t)(OTO_XNOR_PATCH_WORDS(OTO_XNOR_WORDS(taps, in_channels)) +                \
                          4 * OTO_CEIL_DIV(out_channels, 4) * 4))

/* The same of a layer that oto_xnor_run computes; a target whose oto_xnor_run is another has its
 * own. */
#define OTO_XNOR_RUN_SCRATCH(in_channels, out_w, out_channels, kernel_h, kernel_w, stride_w,       \
                             pool_w)                                                               \
    OTO_XNOR_SCRATCH((kernel_h) * (kernel_w), in_channels, out_channels)

/* Results of one position go into the pooled map; `first` at the first position of a pool field. */
OTO_INLINE void oto_xnor_emit(const oto_xnor *l, const int32_t *base, const int32_t *result,
                              const int16_t *shortcut, int32_t y, int32_t x, void *out) {
    const oto_window *w = &l->window;
    const int32_t c = w->out.channels, px = x / w->pool_w, py = y / w->pool_h;
    if (l->stage.kind == OTO_TO_BITS) {
        uint32_t *row = (uint32_t *)out + py * OTO_BIT_ROW_WORDS(w->out.width, c);
        for (int32_t n = 0; n < c; n += 32)
            oto_bits_or(row, px * c + n, oto_min(32, c - n), (uint32_t)result[n >> 5]);
        return;
    }
    const int32_t at = (py * w->out.width + px) * c;
    if (y % w->pool_h == 0 && x % w->pool_w == 0)
        for (int32_t n = 0; n < c; n++)
            oto_xnor_store(l, base[n] - 2 * result[n], n, shortcut, true, at + n, out);
    else
        for (int32_t n = 0; n < c; n++)
            oto_xnor_store(l, base[n] - 2 * result[n], n, shortcut, false, at + n, out);
}

/* Scratch of a running layer, and for which borders its bases hold. */
typedef struct {
    const uint32_t *in;
    const int16_t *shortcut;
    int32_t shortcut_width;
    void *out;
    int32_t *bases, *result;
    uint32_t *patch;
    oto_taps cached[3];
} oto_xnor_pass;

OTO_INLINE oto_xnor_pass oto_xnor_begin(const oto_xnor *l, const uint32_t *in,
                                        const int16_t *shortcut, int32_t shortcut_width, void *out,
                                        void *scratch) {
    const oto_window *w = &l->window;
    const int32_t channels = OTO_CEIL_DIV(w->out.channels, 4) * 4;
    int32_t *bases = (int32_t *)scratch;
    const oto_taps none = {-1, 0, 0, 0};
    const oto_xnor_pass pass = {.in = in,
                                .shortcut = shortcut,
                                .shortcut_width = shortcut_width,
                                .out = out,
                                .bases = bases,
                                .result = bases + 3 * channels,
                                .patch = (uint32_t *)bases + 4 * channels,
                                .cached = {none, none, none}};
    if (l->stage.kind == OTO_TO_BITS) {
        const size_t words =
            (size_t)(w->out.height * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels));
        memset(out, 0, words * 4);
    }
    return pass;
}

/* One position of the unpooled map. */
OTO_INLINE void oto_xnor_position(const oto_xnor *l, oto_xnor_pass *p, int32_t y, int32_t x) {
    const oto_window *w = &l->window;
    const int32_t taps = w->kernel_h * w->kernel_w;
    const int32_t stride = OTO_XNOR_PATCH_WORDS(OTO_XNOR_WORDS(taps, w->in.channels));
    const oto_taps t = oto_taps_at(w, y, x);
    const int32_t side = t.x0 > 0 ? 0 : t.x1 < w->kernel_w ? 2 : 1;
    int32_t *base = p->bases + side * OTO_CEIL_DIV(w->out.channels, 4) * 4;
    if (!oto_taps_equal(p->cached[side], t)) {
        oto_xnor_base(l, t, base);
        p->cached[side] = t;
    }
    int32_t first = 0, words = OTO_XNOR_WORDS(taps, w->in.channels);
    if (OTO_XNOR_BY_ROWS(w->in.channels))
        first = oto_xnor_gather_rows(l, p->in, y, x, t, p->patch, &words);
    else
        oto_xnor_gather_dense(l, p->in, y, x, t, p->patch);
    oto_xnor_prepare(p->patch, words);
    words = OTO_XNOR_PATCH_WORDS(words);
    if (l->stage.kind == OTO_TO_BITS)
        oto_xnor_bits(p->patch, l->weight, stride, first, words, w->out.channels, base,
                      (uint32_t *)p->result);
    else
        oto_xnor_counts(p->patch, l->weight, stride, first, words, w->out.channels, p->result);
    const int32_t at = (y * p->shortcut_width + x) * l->stage.shortcut_channels;
    oto_xnor_emit(l, base, p->result, p->shortcut ? p->shortcut + at : NULL, y, x, p->out);
}

/* in: rows of signs; shortcut: int16 stream [conv height][shortcut_width][shortcut channels] or
 * NULL; out: pooled map. `out` may overlap `shortcut` as the compiler's planner allows
 * (agent/compiler/arena.ts). */
OTO_INLINE void oto_xnor_run(const oto_xnor *l, const uint32_t *in, const int16_t *shortcut,
                             int32_t shortcut_width, void *out, void *scratch) {
    const oto_window *w = &l->window;
    oto_xnor_pass pass = oto_xnor_begin(l, in, shortcut, shortcut_width, out, scratch);
    for (int32_t y = 0; y < w->out.height * w->pool_h; y++)
        for (int32_t x = 0; x < w->out.width * w->pool_w; x++)
            oto_xnor_position(l, &pass, y, x);
}

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
