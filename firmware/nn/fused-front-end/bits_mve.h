/* Signs of a binary front end's first convolution on MVE: four channels at a time, four
 * instructions per output of nine taps. */
#ifndef OTO_FUSED_FRONT_END_BITS_MVE_H
#define OTO_FUSED_FRONT_END_BITS_MVE_H

#include <arm_mve.h>

#include "../conv/mve.h"
#include "bits_plain.h"

#define OTO_MVE_SIGNS_FIT(kernel_w, stride) ((kernel_w) == 9 && (stride) <= 127)

/* Makes the hot loop of a first convolution that is computed at every `stride`-th sample. */
#define OTO_FRONT_BITS_LOOPS(name, kernel_w, stride)                                               \
    OTO_MVE_SIGNS_LOOP(name##_signs, OTO_MVE_SIGNS_FIT(kernel_w, stride), stride)                  \
    static const oto_conv_loops name##_loops = {.signs = name##_signs}

/* Channels n to n + 3, the last of all where there are fewer: planes lie `plane` words apart. */
OTO_INLINE oto_mve_nine_taps oto_mve_signs_of(const oto_conv *l, int32_t n, int32_t plane) {
    const int16_t *weight = (const int16_t *)l->weight;
    oto_mve_nine_taps s = {.zero = 0};
    uint32_t ninth[4];
    int32_t start[4], offset[4];
    for (int32_t i = 0; i < 4; i++) {
        const int32_t c = oto_min(n + i, l->window.out.channels - 1);
        s.taps[i] = vldrhq_s16(weight + c * 10);
        ninth[i] = (uint16_t)weight[c * 10 + 8];
        start[i] = l->stage.threshold[c];
        offset[i] = (c - n) * plane * 4;
    }
    s.ninth01 = ninth[0] | ninth[1] << 16;
    s.ninth23 = ninth[2] | ninth[3] << 16;
    s.start = vldrwq_s32(start);
    s.multiplier = vldrwq_s32(offset);
    return s;
}

/* As oto_front_bits_first_plain. */
OTO_INLINE void oto_front_bits_first(const oto_conv *l, const int16_t *samples, int32_t phases,
                                     int32_t words, uint32_t *planes, int32_t plane) {
    const int32_t channels = l->window.out.channels, step = l->window.stride_w;
    if (!OTO_MVE_SIGNS_FIT(l->window.kernel_w, step * phases)) {
        oto_front_bits_first_plain(l, samples, phases, words, planes, plane);
        return;
    }
    for (int32_t n = 0; n < channels; n += 4) {
        const oto_mve_nine_taps taps = oto_mve_signs_of(l, n, plane);
        for (int32_t phase = 0; phase < phases; phase++)
            l->loops->signs(&taps, samples + (phase + 31 * phases) * step,
                            planes + (phase * channels + n) * plane, words);
    }
}

#endif
