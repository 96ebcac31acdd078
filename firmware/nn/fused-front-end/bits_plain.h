/* Signs of a binary front end's first convolution, in plain C: all of it where a target has nothing
 * better, and what its kernels leave out. */
#ifndef OTO_FUSED_FRONT_END_BITS_PLAIN_H
#define OTO_FUSED_FRONT_END_BITS_PLAIN_H

#include "../common/types.h"

/* `words` words of signs of one channel, every `stride`-th output from `samples` on. Weights: int16
 * [channel][taps, made even], negated, and thresholds t - 1, so that the sign bit of their sum is
 * the output. */
OTO_INLINE void oto_front_bits_channel_plain(const oto_conv *l, int32_t n, const int16_t *samples,
                                             int32_t stride, int32_t words, uint32_t *plane) {
    const int32_t taps = l->window.kernel_w;
    const int16_t *weight = (const int16_t *)l->weight + n * OTO_CEIL_DIV(taps, 2) * 2;
    for (int32_t i = 0; i < words; i++) {
        uint32_t bits = 0;
        for (int32_t b = 0; b < 32; b++, samples += stride) {
            int32_t acc = l->stage.threshold[n];
            for (int32_t k = 0; k < taps; k++)
                acc += weight[k] * samples[k];
            bits |= ((uint32_t)acc >> 31) << b;
        }
        plane[i] = bits;
    }
}

/* The same of all outputs, [phase][channel][plane]: those of a phase are `phases` outputs apart. */
OTO_INLINE void oto_front_bits_first_plain(const oto_conv *l, const int16_t *samples,
                                           int32_t phases, int32_t words, uint32_t *planes,
                                           int32_t plane) {
    const int32_t channels = l->window.out.channels, step = l->window.stride_w;
    for (int32_t phase = 0; phase < phases; phase++)
        for (int32_t n = 0; n < channels; n++)
            oto_front_bits_channel_plain(l, n, samples + phase * step, step * phases, words,
                                         planes + (phase * channels + n) * plane);
}

#endif
