/* Signs of the front end's first convolution on cores with the DSP extension: eight instructions
 * per output of nine taps. */
#ifndef OTO_FUSED_FRONT_END_BITS_DSP_H
#define OTO_FUSED_FRONT_END_BITS_DSP_H

#include <string.h>

#include "../conv/dsp.h"
#include "bits_dsp_slide.h"
#include "bits_plain.h"

/* The loop below is of one shape. */
#define OTO_FRONT_BITS_LOOPS(name, kernel_w, stride)                                               \
    static const oto_conv_loops name##_loops = {.positions = NULL}

/* As oto_front_bits_channel_plain. Every fourth sample begins an output in a front end of two
 * strides of 2. */
OTO_INLINE void oto_front_bits_channel(const oto_conv *l, int32_t n, const int16_t *samples,
                                       int32_t stride, int32_t words, uint32_t *plane) {
    const int32_t taps = l->window.kernel_w;
    const int16_t *weight = (const int16_t *)l->weight + n * OTO_CEIL_DIV(taps, 2) * 2;
    /* Words are loaded, so every phase has to begin at one. */
    if (taps == 9 && stride == 4 && l->window.stride_w % 2 == 0) {
        oto_front_bits_slide slide = {
            .start = l->stage.threshold[n], .in = samples, .out = plane, .end = plane + words};
        memcpy(slide.w, weight, sizeof slide.w);
        oto_front_bits_nine_taps(&slide);
        return;
    }
    oto_front_bits_channel_plain(l, n, samples, stride, words, plane);
}

/* As oto_front_bits_first_plain. */
OTO_INLINE void oto_front_bits_first(const oto_conv *l, const int16_t *samples, int32_t phases,
                                     int32_t words, uint32_t *planes, int32_t plane) {
    const int32_t channels = l->window.out.channels, step = l->window.stride_w;
    for (int32_t phase = 0; phase < phases; phase++)
        for (int32_t n = 0; n < channels; n++)
            oto_front_bits_channel(l, n, samples + phase * step, step * phases, words,
                                   planes + (phase * channels + n) * plane);
}

#endif
