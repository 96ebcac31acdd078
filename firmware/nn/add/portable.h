/* Sum of two maps, each with a scale and a zero point of its own (SPEC.md, "add"). */
#ifndef OTO_ADD_PORTABLE_H
#define OTO_ADD_PORTABLE_H

#include "../common/clamp.h"

typedef struct {
    int32_t count;    /* of values */
    int32_t fraction; /* binary digits of the factors behind the point */
    int32_t a_zero, a_factor;
    int32_t b_zero, b_factor;
    int32_t zero, min, max;
} oto_add;

/* `out` may be `a`. What does not depend on the values is one constant; sums of any two or all three of
 * the summands stay within 32 bits (SPEC.md, "Bounds"). */
OTO_INLINE void oto_add_run(const oto_add *l, const int8_t *a, const int8_t *b, int8_t *out) {
    const int32_t half = (int32_t)1 << (l->fraction - 1);
    const int32_t rest = half - l->a_zero * l->a_factor - l->b_zero * l->b_factor;
    for (int32_t i = 0; i < l->count; i++) {
        const int32_t sum = a[i] * l->a_factor + b[i] * l->b_factor + rest;
        out[i] = (int8_t)oto_clamp((sum >> l->fraction) + l->zero, l->min, l->max);
    }
}

#endif
