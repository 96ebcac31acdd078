/* Convolution with int8 weights, as SPEC.md writes it: the portable reference. Weights:
 * [n][ky][kx][c], int8. */
#ifndef OTO_CONV_REFERENCE_H
#define OTO_CONV_REFERENCE_H

#include "../common/output_stage.h"

OTO_INLINE int32_t oto_conv_at(const oto_conv *l, const void *in, int32_t y, int32_t x, int32_t n) {
    const oto_window *w = &l->window;
    const int8_t *weight = (const int8_t *)l->weight;
    int32_t acc = 0;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int32_t iy = y * w->stride_h + ky - w->pad_top;
        if (iy < 0 || iy >= w->in.height)
            continue;
        for (int32_t kx = 0; kx < w->kernel_w; kx++) {
            const int32_t ix = x * w->stride_w + kx - w->pad_left;
            if (ix < 0 || ix >= w->in.width)
                continue;
            const int32_t from = (iy * w->in.width + ix) * w->in.channels;
            const int8_t *tap =
                weight + ((n * w->kernel_h + ky) * w->kernel_w + kx) * w->in.channels;
            for (int32_t c = 0; c < w->in.channels; c++) {
                const int32_t v = l->source == OTO_FROM_INT8
                                      ? ((const int8_t *)in)[from + c] - l->in_zero
                                      : ((const int16_t *)in)[from + c];
                acc += tap[c] * v;
            }
        }
    }
    return acc;
}

/* Writes the pooled accumulator of one output; `i` is its index in memory order. */
OTO_INLINE void oto_conv_store(const oto_stage *s, int32_t acc, int32_t n, int32_t i, void *out) {
    if (s->kind == OTO_TO_INT8)
        ((int8_t *)out)[i] = (int8_t)oto_requantize(s, acc, n);
    else
        ((int16_t *)out)[i] = (int16_t)oto_requantize(s, acc, n);
}

/* in: [height][width][channels] int8 or int16; out: pooled map, int8, int16 or rows of signs. */
OTO_INLINE void oto_conv_portable(const oto_conv *l, const void *in, void *out) {
    const oto_window *w = &l->window;
    const int32_t row_words = OTO_BIT_ROW_WORDS(w->out.width, w->out.channels);
    int32_t i = 0;
    for (int32_t y = 0; y < w->out.height; y++) {
        uint32_t *bits = (uint32_t *)out + y * row_words;
        if (l->stage.kind == OTO_TO_BITS)
            for (int32_t k = 0; k < row_words; k++)
                bits[k] = 0;
        for (int32_t x = 0; x < w->out.width; x++) {
            for (int32_t n = 0; n < w->out.channels; n++, i++) {
                int32_t acc = INT32_MIN;
                for (int32_t p = 0; p < w->pool_h * w->pool_w; p++)
                    acc = oto_max(acc, oto_conv_at(l, in, y * w->pool_h + p / w->pool_w,
                                                   x * w->pool_w + p % w->pool_w, n));
                const int32_t bit = x * w->out.channels + n;
                if (l->stage.kind != OTO_TO_BITS)
                    oto_conv_store(&l->stage, acc, n, i, out);
                else if (acc >= l->stage.threshold[n])
                    bits[bit >> 5] |= 1u << (bit & 31);
            }
        }
    }
}

#endif
