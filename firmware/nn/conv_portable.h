/* Convolution with int8 weights, as SPEC.md writes it: the portable reference. Weights:
 * [n][ky][kx][c], int8. */
#ifndef OTO_CONV_PORTABLE_H
#define OTO_CONV_PORTABLE_H

#include "oto_stage.h"

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
OTO_INLINE void oto_conv_run(const oto_conv *l, const void *in, void *out, void *scratch) {
    (void)scratch;
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

/* Outputs of a front end's first convolution, [position][channel]. */
typedef int8_t oto_tile;

/* `count` outputs from samples on: int8, [position][channel]. */
OTO_INLINE void oto_front_first(const oto_conv *l, const int16_t *samples, int32_t count,
                                oto_tile *out) {
    const oto_window *w = &l->window;
    const int8_t *weight = (const int8_t *)l->weight;
    for (int32_t x = 0; x < count; x++)
        for (int32_t n = 0; n < w->out.channels; n++) {
            int32_t acc = 0;
            for (int32_t k = 0; k < w->kernel_w; k++)
                acc += weight[n * w->kernel_w + k] * samples[x * w->stride_w + k];
            *out++ = (oto_tile)oto_requantize(&l->stage, acc, n);
        }
}

/* One pool field of the second convolution; channel n goes to out[at + n * channel_stride]. */
OTO_INLINE void oto_front_second(const oto_conv *l, const oto_tile *in, int32_t at,
                                 int32_t channel_stride, void *out) {
    const oto_window *w = &l->window;
    const int32_t taps = w->kernel_w * w->in.channels;
    for (int32_t n = 0; n < w->out.channels; n++) {
        const int8_t *weight = (const int8_t *)l->weight + n * taps;
        int32_t best = INT32_MIN;
        for (int32_t x = 0; x < w->pool_w; x++) {
            const oto_tile *from = in + x * w->stride_w * w->in.channels;
            int32_t acc = 0;
            for (int32_t k = 0; k < taps; k++)
                acc += weight[k] * (from[k] - l->in_zero);
            best = oto_max(best, acc);
        }
        oto_conv_store(&l->stage, best, n, at + n * channel_stride, out);
    }
}

#endif
