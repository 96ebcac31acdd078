/* Fixed-point arithmetic, an instruction each with the DSP extension. */
#ifndef OTO_COMMON_FIXED_POINT_DSP_H
#define OTO_COMMON_FIXED_POINT_DSP_H

#include "fixed_point.h"

/* (a * w + 2^31) >> 32 */
OTO_INLINE int32_t oto_top(int32_t a, int32_t w) {
    int32_t r;
    __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(w));
    return r;
}

/* sum + ((a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_add(int32_t sum, int32_t a, int32_t w) {
    int32_t r;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(w), "r"(sum));
    return r;
}

/* sum + ((-a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_subtract(int32_t sum, int32_t a, int32_t w) {
    int32_t r;
    __asm__("smmlsr %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(w), "r"(sum));
    return r;
}

/* sum + a * w */
OTO_INLINE uint64_t oto_wide_add(uint64_t sum, uint64_t a, uint32_t w) {
    __asm__("umlal %Q0, %R0, %1, %3\n"
            "mla %R0, %2, %3, %R0"
            : "+&r"(sum)
            : "r"((uint32_t)a), "r"((uint32_t)(a >> 32)), "r"(w));
    return sum;
}

/* The lowest `bits` of v in reverse. */
OTO_INLINE uint32_t oto_reverse(uint32_t v, const int32_t bits) {
    uint32_t r;
    __asm__("rbit %0, %1" : "=r"(r) : "r"(v));
    return r >> (32 - bits);
}

/* v + zero within the stage's limits. */
OTO_INLINE int32_t oto_limit(const oto_stage *s, int32_t v) {
    int32_t r;
    if (s->min == s->zero && s->max - s->zero == 255) { /* a ReLU over the whole range */
        __asm__("usat %0, #8, %1" : "=r"(r) : "r"(v));
        return r + s->zero;
    }
    if (s->min == INT8_MIN && s->max == INT8_MAX) {
        __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(v + s->zero));
        return r;
    }
    return oto_clamp(v + s->zero, s->min, s->max);
}

OTO_INLINE int32_t oto_saturate_int16(int32_t v) {
    int32_t r;
    __asm__("ssat %0, #16, %1" : "=r"(r) : "r"(v));
    return r;
}

#endif
