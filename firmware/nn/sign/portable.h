/* Signs of a map against thresholds (SPEC.md, "sign"). */
#ifndef OTO_SIGN_PORTABLE_H
#define OTO_SIGN_PORTABLE_H

#include "../common/types.h"

/* One word of signs: bit b is v[b] >= threshold[b]. Thresholds within int16's range and one beyond,
 * so that the difference does not overflow and its sign bit is the answer. */
OTO_INLINE uint32_t oto_sign_word(const void *in, oto_source source, const int32_t *threshold) {
    uint32_t word = 0;
    for (int32_t b = 0; b < 32; b++) {
        const int32_t v =
            source == OTO_FROM_INT8 ? ((const int8_t *)in)[b] : ((const int16_t *)in)[b];
        word = (word >> 1) | ((uint32_t)(threshold[b] - 1 - v) & 0x80000000u);
    }
    return word;
}

/* Thresholds that a map's kernel reads: where channels divide 32 they are repeated to fill a word.
 */
#define OTO_SIGN_PERIOD(channels) (32 % (channels) == 0 ? 32 : (channels))

/* Signs of an int8 or int16 map against per-channel thresholds, [OTO_SIGN_PERIOD(channels)]: 1
 * where a value reaches its own. */
OTO_INLINE void oto_sign(const void *in, oto_source source, oto_shape shape,
                         const int32_t *threshold, uint32_t *out) {
    const int32_t size = source == OTO_FROM_INT8 ? 1 : 2;
    const int32_t period = OTO_SIGN_PERIOD(shape.channels);
    const int32_t row_bits = shape.width * shape.channels;
    const uint8_t *from = (const uint8_t *)in;
    for (int32_t y = 0; y < shape.height; y++) {
        int32_t n = 0, b = 0;
        if (period % 32 == 0)
            for (; b + 32 <= row_bits; b += 32, from += 32 * size) {
                *out++ = oto_sign_word(from, source, threshold + n);
                n = n + 32 == period ? 0 : n + 32;
            }
        uint32_t word = 0;
        for (; b < row_bits; b++, from += size) {
            const int32_t v = source == OTO_FROM_INT8 ? *(const int8_t *)from
                                                      : *(const int16_t *)(const void *)from;
            word |= (uint32_t)(v >= threshold[n]) << (b & 31);
            n = n + 1 == period ? 0 : n + 1;
            if ((b & 31) == 31 || b + 1 == row_bits) {
                *out++ = word;
                word = 0;
            }
        }
    }
}

#endif
