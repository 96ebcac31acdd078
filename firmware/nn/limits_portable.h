/* Limits of output stages, in plain C. */
#ifndef OTO_LIMITS_PORTABLE_H
#define OTO_LIMITS_PORTABLE_H

#include "clamp.h"

/* v + zero within the stage's limits. */
OTO_INLINE int32_t oto_limit(const oto_stage *s, int32_t v) {
    return oto_clamp(v + s->zero, s->min, s->max);
}

OTO_INLINE int32_t oto_saturate_int16(int32_t v) {
    return oto_clamp(v, INT16_MIN, INT16_MAX);
}

#endif
