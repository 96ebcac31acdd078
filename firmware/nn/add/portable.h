/* Sum of two maps, each with a scale and a zero point of its own. */
#ifndef OTO_ADD_PORTABLE_H
#define OTO_ADD_PORTABLE_H

#include "../common/clamp.h"
#include "layer.h"

/* `out` may be `a`, or begin below it. */
OTO_INLINE void oto_add_run(const oto_add *l, const int8_t *a, const int8_t *b, int8_t *out) {
    const int32_t constant = oto_add_constant(l);
    for (int32_t i = 0; i < l->count; i++) {
        const int32_t sum = a[i] * l->a_factor + b[i] * l->b_factor + constant;
        out[i] = (int8_t)oto_clamp((sum >> l->fraction) + l->zero, l->min, l->max);
    }
}

#endif
