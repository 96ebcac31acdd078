/* The streaming front end's two convolutions in plain C. */
#ifndef OTO_FUSED_FRONT_END_REAL_PORTABLE_H
#define OTO_FUSED_FRONT_END_REAL_PORTABLE_H

#include "../conv/reference.h"

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
