/* Maps of signs: rows of contiguous bits, each row beginning at a word (oto_types.h). */
#ifndef OTO_BITS_H
#define OTO_BITS_H

#include "oto_types.h"

/* Up to 32 bits from bit `at` of a row. Reads the word that holds the last of them, none after it.
 */
OTO_INLINE uint32_t oto_bits_get(const uint32_t *row, int32_t at, int32_t count) {
    const int32_t word = at >> 5, shift = at & 31;
    uint32_t v = row[word] >> shift;
    if (shift + count > 32)
        v |= row[word + 1] << (32 - shift);
    return count >= 32 ? v : v & ((1u << count) - 1u);
}

/* ORs up to 32 bits into a row at bit `at`; bits of `v` above `count` are 0. */
OTO_INLINE void oto_bits_or(uint32_t *row, int32_t at, int32_t count, uint32_t v) {
    const int32_t word = at >> 5, shift = at & 31;
    row[word] |= v << shift;
    if (shift + count > 32)
        row[word + 1] |= v >> (32 - shift);
}

/* Signs of an int8 or int16 map against per-channel thresholds: 1 where a value reaches its own. */
OTO_INLINE void oto_sign(const void *in, oto_source source, oto_shape shape,
                         const int32_t *threshold, uint32_t *out) {
    const int32_t row_bits = shape.width * shape.channels;
    int32_t i = 0;
    for (int32_t y = 0; y < shape.height; y++) {
        uint32_t word = 0;
        int32_t n = 0;
        for (int32_t b = 0; b < row_bits; b++, i++) {
            const int32_t v =
                source == OTO_FROM_INT8 ? ((const int8_t *)in)[i] : ((const int16_t *)in)[i];
            word |= (uint32_t)(v >= threshold[n]) << (b & 31);
            n = n + 1 == shape.channels ? 0 : n + 1;
            if ((b & 31) == 31 || b + 1 == row_bits) {
                *out++ = word;
                word = 0;
            }
        }
    }
}

#endif
