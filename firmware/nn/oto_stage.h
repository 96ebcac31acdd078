/* Output stages: the one requantization, and what follows an accumulator (SPEC.md, "Output
 * stages"). */
#ifndef OTO_STAGE_H
#define OTO_STAGE_H

#include "oto_types.h"

OTO_INLINE int32_t oto_min(int32_t a, int32_t b) {
    return a < b ? a : b;
}
OTO_INLINE int32_t oto_max(int32_t a, int32_t b) {
    return a > b ? a : b;
}
OTO_INLINE int32_t oto_clamp(int32_t v, int32_t lo, int32_t hi) {
    return oto_min(oto_max(v, lo), hi);
}

/* (a * m + 2^31) >> 32, 0 <= m */
OTO_INLINE int32_t oto_mul_high(int32_t a, int32_t m) {
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
    int32_t r;
    __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(m));
    return r;
#else
    return (int32_t)(((int64_t)a * m + INT64_C(0x80000000)) >> 32);
#endif
}

/* Shifted accumulator of channel n with its bias -> int8 or int16 value */
OTO_INLINE int32_t oto_scale(const oto_stage *s, int32_t scaled, int32_t n) {
    const int32_t v = oto_mul_high(scaled, s->multiplier[n]);
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
    int32_t r;
    if (s->min == s->zero && s->max - s->zero == 255) { /* a ReLU over the whole range */
        __asm__("usat %0, #8, %1" : "=r"(r) : "r"(v));
        return r + s->zero;
    }
    if (s->min == INT8_MIN && s->max == INT8_MAX) {
        __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(v + s->zero));
        return r;
    }
#endif
    return oto_clamp(v + s->zero, s->min, s->max);
}

/* Accumulator of channel n -> int8 or int16 value */
OTO_INLINE int32_t oto_requantize(const oto_stage *s, int32_t acc, int32_t n) {
    return oto_scale(s, (int32_t)((uint32_t)acc << s->shift) + s->bias[n], n);
}

OTO_INLINE int32_t oto_saturate_int16(int32_t v) {
#if defined(__ARM_FEATURE_SAT) && __ARM_FEATURE_SAT
    int32_t r;
    __asm__("ssat %0, #16, %1" : "=r"(r) : "r"(v));
    return r;
#else
    return oto_clamp(v, INT16_MIN, INT16_MAX);
#endif
}

/* Accumulator of channel n and the shortcut's value -> int16 stream */
OTO_INLINE int32_t oto_residual(const oto_stage *s, int32_t acc, int32_t n, int32_t shortcut) {
    const int32_t v = shortcut + ((acc * s->multiplier16[n] + s->bias[n]) >> s->shift);
    const int32_t u = oto_saturate_int16(v);
    return u >= 0 ? u : (u * s->slope[n]) >> 15;
}

#endif
