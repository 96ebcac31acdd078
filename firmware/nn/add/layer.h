/* What a sum of two maps is made of (SPEC.md, "add"). */
#ifndef OTO_ADD_LAYER_H
#define OTO_ADD_LAYER_H

#include "../common/types.h"

typedef struct {
    int32_t count;    /* of values */
    int32_t fraction; /* binary digits of the factors behind the point */
    int32_t a_zero, a_factor;
    int32_t b_zero, b_factor;
    int32_t zero, min, max;
} oto_add;

/* What does not depend on the values: the half of rounding, less the zero points. Any sums of it
 * and of values times factors stay within 32 bits (SPEC.md, "Bounds"). */
OTO_INLINE int32_t oto_add_constant(const oto_add *l) {
    const int32_t half = (int32_t)1 << (l->fraction - 1);
    return half - l->a_zero * l->a_factor - l->b_zero * l->b_factor;
}

#endif
