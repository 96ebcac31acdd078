/* The turn of one row of features into an image (SPEC.md, "channelsToHeight"). */
#ifndef OTO_CHANNELS_TO_HEIGHT_PORTABLE_H
#define OTO_CHANNELS_TO_HEIGHT_PORTABLE_H

#include "../common/bits.h"

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
