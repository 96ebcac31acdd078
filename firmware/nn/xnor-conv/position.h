/* Positions of a binary convolution, their patches gathered one by one (patch.h). */
#ifndef OTO_XNOR_CONV_POSITION_H
#define OTO_XNOR_CONV_POSITION_H

#include "patch.h"

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
        oto_xnor_bits(l, p->patch, stride, first, words, base, (uint32_t *)p->result);
    else
        oto_xnor_counts(l, p->patch, stride, first, words, p->result);
    const int32_t at = (y * p->shortcut_width + x) * l->stage.shortcut_channels;
    oto_xnor_emit(l, base, p->result, p->shortcut ? p->shortcut + at : NULL, y, x, p->out);
}

#endif
