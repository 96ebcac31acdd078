/* Maps of signs: rows of contiguous bits, each row beginning at a word (oto_types.h). */
#ifndef OTO_COMMON_BITS_H
#define OTO_COMMON_BITS_H

#include "types.h"

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

#endif
