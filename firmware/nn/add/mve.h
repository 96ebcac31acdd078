/* Sum of two maps, four values at a time. */
#ifndef OTO_ADD_MVE_H
#define OTO_ADD_MVE_H

#include "../common/mve.h"
#include "layer.h"

OTO_INLINE int32x4_t oto_mve_add(const oto_add *l, int32x4_t a, int32x4_t b) {
    const int32x4_t constant = vdupq_n_s32(oto_add_constant(l));
    const int32x4_t sum = vmlaq_n_s32(vmlaq_n_s32(constant, a, l->a_factor), b, l->b_factor);
    const int32x4_t value = vaddq_n_s32(vshlq_r_s32(sum, -l->fraction), l->zero);
    return vminq_s32(vmaxq_s32(value, vdupq_n_s32(l->min)), vdupq_n_s32(l->max));
}

/* `out` may be `a`, or begin below it. */
OTO_INLINE void oto_add_run(const oto_add *l, const int8_t *a, const int8_t *b, int8_t *out) {
    const int32_t whole = l->count / 4 * 4;
    for (int32_t i = 0; i < whole; i += 4)
        vstrbq_s32(out + i, oto_mve_add(l, vldrbq_s32(a + i), vldrbq_s32(b + i)));
    if (whole == l->count)
        return;
    const mve_pred16_t rest = vctp32q((uint32_t)(l->count - whole));
    const int32x4_t last_a = vldrbq_z_s32(a + whole, rest);
    const int32x4_t last_b = vldrbq_z_s32(b + whole, rest);
    vstrbq_p_s32(out + whole, oto_mve_add(l, last_a, last_b), rest);
}

#endif
