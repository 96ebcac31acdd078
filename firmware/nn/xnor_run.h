/* One binary convolution over a map, for whichever kernel oto_nn.h has chosen. */
#ifndef OTO_XNOR_RUN_H
#define OTO_XNOR_RUN_H

#include "xnor.h"

/* Scratch of one layer: patch, three bases (left border, middle, right border), one position's
 * results. */
#define OTO_XNOR_SCRATCH(taps, in_channels, out_channels)                                          \
    ((size_t)4 * (size_t)(OTO_XNOR_PATCH_WORDS(OTO_XNOR_WORDS(taps, in_channels)) +                \
                          4 * OTO_CEIL_DIV(out_channels, 4) * 4))

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
    const bool first = y % w->pool_h == 0 && x % w->pool_w == 0;
    const int32_t at = (py * w->out.width + px) * c;
    for (int32_t n = 0; n < c; n++)
        oto_xnor_store(l, base[n] - 2 * result[n], n, shortcut, first, at + n, out);
}

/* in: rows of signs; shortcut: int16 stream [conv height][shortcut_width][shortcut channels] or
 * NULL; out: pooled map. `out` may overlap `shortcut` as the compiler's planner allows
 * (agent/compiler/arena.ts). */
OTO_INLINE void oto_xnor_run(const oto_xnor *l, const uint32_t *in, const int16_t *shortcut,
                             int32_t shortcut_width, void *out, void *scratch) {
    const oto_window *w = &l->window;
    const int32_t taps = w->kernel_h * w->kernel_w;
    const int32_t stride = OTO_XNOR_PATCH_WORDS(OTO_XNOR_WORDS(taps, w->in.channels));
    const int32_t channels = OTO_CEIL_DIV(w->out.channels, 4) * 4;
    int32_t *bases = (int32_t *)scratch, *result = bases + 3 * channels;
    uint32_t *patch = (uint32_t *)(result + channels);
    oto_taps cached[3] = {{-1, 0, 0, 0}, {-1, 0, 0, 0}, {-1, 0, 0, 0}};

    if (l->stage.kind == OTO_TO_BITS) {
        const size_t words =
            (size_t)(w->out.height * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels));
        memset(out, 0, words * 4);
    }
    for (int32_t y = 0; y < w->out.height * w->pool_h; y++) {
        for (int32_t x = 0; x < w->out.width * w->pool_w; x++) {
            const oto_taps t = oto_taps_at(w, y, x);
            const int32_t side = t.x0 > 0 ? 0 : t.x1 < w->kernel_w ? 2 : 1;
            int32_t *base = bases + side * channels;
            if (!oto_taps_equal(cached[side], t)) {
                oto_xnor_base(l, t, base);
                cached[side] = t;
            }
            int32_t first = 0, words = OTO_XNOR_WORDS(taps, w->in.channels);
            if (OTO_XNOR_BY_ROWS(w->in.channels))
                first = oto_xnor_gather_rows(l, in, y, x, t, patch, &words);
            else
                oto_xnor_gather_dense(l, in, y, x, t, patch);
            oto_xnor_prepare(patch, words);
            words = OTO_XNOR_PATCH_WORDS(words);
            if (l->stage.kind == OTO_TO_BITS)
                oto_xnor_bits(patch, l->weight, stride, first, words, w->out.channels, base,
                              (uint32_t *)result);
            else
                oto_xnor_counts(patch, l->weight, stride, first, words, w->out.channels, result);
            const int16_t *s =
                shortcut ? shortcut + (y * shortcut_width + x) * l->stage.shortcut_channels : NULL;
            oto_xnor_emit(l, base, result, s, y, x, out);
        }
    }
}

#endif
