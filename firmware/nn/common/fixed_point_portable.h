/* Fixed-point arithmetic, in plain C. */
#ifndef OTO_COMMON_FIXED_POINT_PORTABLE_H
#define OTO_COMMON_FIXED_POINT_PORTABLE_H

#include "fixed_point.h"

#define OTO_HALF INT64_C(0x80000000)

/* (a * w + 2^31) >> 32 */
OTO_INLINE int32_t oto_top(int32_t a, int32_t w) {
    return (int32_t)(((int64_t)a * w + OTO_HALF) >> 32);
}

/* sum + ((a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_add(int32_t sum, int32_t a, int32_t w) {
    return sum + (int32_t)(((int64_t)a * w + OTO_HALF) >> 32);
}

/* sum + ((-a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_subtract(int32_t sum, int32_t a, int32_t w) {
    return sum + (int32_t)((OTO_HALF - (int64_t)a * w) >> 32);
}

/* sum + a * w */
OTO_INLINE uint64_t oto_wide_add(uint64_t sum, uint64_t a, uint32_t w) {
    return sum + a * w;
}

/* The lowest `bits` of v, at most 8, in reverse. */
OTO_INLINE uint32_t oto_reverse(uint32_t v, const int32_t bits) {
    v = (v & 0x55) << 1 | (v >> 1 & 0x55);
    v = (v & 0x33) << 2 | (v >> 2 & 0x33);
    v = (v & 0x0f) << 4 | (v >> 4 & 0x0f);
    return v >> (8 - bits);
}

/* v + zero within the stage's limits. */
OTO_INLINE int32_t oto_limit(const oto_stage *s, int32_t v) {
    return oto_clamp(v + s->zero, s->min, s->max);
}

OTO_INLINE int32_t oto_saturate_int16(int32_t v) {
    return oto_clamp(v, INT16_MIN, INT16_MAX);
}

#endif
