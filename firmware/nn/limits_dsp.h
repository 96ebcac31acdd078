/* Limits of output stages, an instruction where they are those of a type. */
#ifndef OTO_LIMITS_DSP_H
#define OTO_LIMITS_DSP_H

#include "clamp.h"

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
