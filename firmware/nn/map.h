/* Layers over small maps: average, dense, and the turn of 1-D features into an image. */
#ifndef OTO_MAP_H
#define OTO_MAP_H

#include "bits.h"
#include "oto_stage.h"

typedef struct {
    oto_shape in;
    int32_t in_zero;
    int32_t multiplier;
    oto_stage stage;
} oto_average;

/* Mean over height and width of an int8 map: -> [channels]. */
OTO_INLINE void oto_average_run(const oto_average *l, const int8_t *in, int8_t *out) {
    const int32_t positions = l->in.height * l->in.width;
    for (int32_t c = 0; c < l->in.channels; c++) {
        int32_t sum = -positions * l->in_zero;
        for (int32_t i = 0; i < positions; i++)
            sum += in[i * l->in.channels + c];
        const int32_t scaled = (int32_t)((uint32_t)sum << l->stage.shift);
        const int32_t v = oto_top(scaled, l->multiplier) + l->stage.zero;
        out[c] = (int8_t)oto_clamp(v, l->stage.min, l->stage.max);
    }
}

typedef struct {
    int32_t inputs, units;
    int32_t in_zero;
    const int8_t *weight; /* [units][inputs] */
    oto_stage stage;
} oto_dense;

/* in: int8 map in memory order; out: int8 [units], or int32 scores. */
OTO_INLINE void oto_dense_run(const oto_dense *l, const int8_t *in, void *out) {
    for (int32_t n = 0; n < l->units; n++) {
        int32_t acc = 0;
        for (int32_t k = 0; k < l->inputs; k++)
            acc += l->weight[n * l->inputs + k] * (in[k] - l->in_zero);
        if (l->stage.kind == OTO_TO_SCORES)
            ((int32_t *)out)[n] = acc + l->stage.bias[n];
        else
            ((int8_t *)out)[n] = (int8_t)oto_requantize(&l->stage, acc, n);
    }
}

/* [1][width][channels] -> [channels][width][1], elements of `size` bytes. */
OTO_INLINE void oto_channels_to_height(const void *in, int32_t width, int32_t channels,
                                       int32_t size, void *out) {
    const uint8_t *from = (const uint8_t *)in;
    uint8_t *to = (uint8_t *)out;
    for (int32_t c = 0; c < channels; c++)
        for (int32_t x = 0; x < width; x++)
            for (int32_t b = 0; b < size; b++)
                *to++ = from[(x * channels + c) * size + b];
}

/* The same for signs: one row of width * channels bits -> `channels` rows of `width` bits. */
OTO_INLINE void oto_channels_to_height_bits(const uint32_t *in, int32_t width, int32_t channels,
                                            uint32_t *out) {
    const int32_t words = OTO_BIT_ROW_WORDS(width, 1);
    for (int32_t i = 0; i < channels * words; i++)
        out[i] = 0;
    for (int32_t x = 0; x < width; x++)
        for (int32_t c = 0; c < channels; c++)
            oto_bits_or(out + c * words, x, 1, oto_bits_get(in, x * channels + c, 1));
}

#endif
