/* Output stages: the one requantization, and what follows an accumulator (SPEC.md, "Output
 * stages"). */
#ifndef OTO_COMMON_OUTPUT_STAGE_H
#define OTO_COMMON_OUTPUT_STAGE_H

#include "fixed_point.h"

/* Shifted accumulator of channel n with its bias -> int8 or int16 value */
OTO_INLINE int32_t oto_scale(const oto_stage *s, int32_t scaled, int32_t n) {
    return oto_limit(s, oto_top(scaled, s->multiplier[n]));
}

/* Accumulator of channel n -> int8 or int16 value */
OTO_INLINE int32_t oto_requantize(const oto_stage *s, int32_t acc, int32_t n) {
    return oto_scale(s, (int32_t)((uint32_t)acc << s->shift) + s->bias[n], n);
}

/* Accumulator of channel n and the shortcut's value -> int16 stream */
OTO_INLINE int32_t oto_residual(const oto_stage *s, int32_t acc, int32_t n, int32_t shortcut) {
    const int32_t v = shortcut + ((acc * s->multiplier16[n] + s->bias[n]) >> s->shift);
    const int32_t u = oto_saturate_int16(v);
    return u >= 0 ? u : (u * s->slope[n]) >> 15;
}

#endif
