/* Output stages on four lanes, one per channel. */
#ifndef OTO_COMMON_OUTPUT_STAGE_MVE_H
#define OTO_COMMON_OUTPUT_STAGE_MVE_H

#include "bits.h"
#include "mve.h"
#include "output_stage.h"

/* Four numbers of which the first `count` (1 to 4, a constant) exist; the rest is 0. The predicate
 * comes from VCTP because gcc 12 miscompiles constant ones. */
OTO_INLINE int32x4_t oto_mve_load4(const int32_t *from, int32_t count) {
    return count == 4 ? vldrwq_s32(from) : vldrwq_z_s32(from, vctp32q((uint32_t)count));
}

/* Accumulators of channels n.. -> int8 or int16 values, 32 bits wide. Where the limits are those of
 * the type only the value's own bits are right, for a store that narrows. */
OTO_INLINE int32x4_t oto_mve_requantize(const oto_stage *s, int32x4_t acc, int32_t n,
                                        int32_t count) {
    int32x4_t v = s->shift == 0 ? acc : vshlq_r_s32(acc, s->shift);
    v = vaddq_s32(v, oto_mve_load4(s->bias + n, count));
    v = vrmulhq_s32(v, oto_mve_load4(s->multiplier + n, count));
    if (s->zero != 0)
        v = vaddq_n_s32(v, s->zero);
    const int16x8_t w = vreinterpretq_s16_s32(v);
    if (s->kind == OTO_TO_INT8 && s->min == INT8_MIN && s->max == INT8_MAX) {
        const int16x8_t narrow = vqmovnbq_s32(w, v);
        return vreinterpretq_s32_s8(vqmovnbq_s16(vreinterpretq_s8_s16(narrow), narrow));
    }
    if (s->kind == OTO_TO_INT16 && s->max == INT16_MAX) {
        if (s->min == INT16_MIN)
            return vreinterpretq_s32_s16(vqmovnbq_s32(w, v));
        v = vmaxq_s32(v, vdupq_n_s32(s->min));
        return vreinterpretq_s32_s16(vqmovnbq_s32(vreinterpretq_s16_s32(v), v));
    }
    return vminq_s32(vmaxq_s32(v, vdupq_n_s32(s->min)), vdupq_n_s32(s->max));
}

OTO_INLINE void oto_mve_store_int8(const oto_stage *s, int32x4_t acc, int32_t n, int32_t count,
                                   int8_t *out) {
    const int32x4_t v = oto_mve_requantize(s, acc, n, count);
    if (count == 4)
        vstrbq_s32(out, v);
    else
        vstrbq_p_s32(out, v, vctp32q((uint32_t)count));
}

OTO_INLINE void oto_mve_store_int16(int32x4_t v, int32_t count, int16_t *out) {
    if (count == 4)
        vstrhq_s32(out, v);
    else
        vstrhq_p_s32(out, v, vctp32q((uint32_t)count));
}

/* Which lanes of `a` reach those of `b`: lane i in bit i. */
OTO_INLINE uint32_t oto_mve_reach(int32x4_t a, int32x4_t b, int32_t count) {
    const uint32x4_t weight = vshlq_u32(vdupq_n_u32(1), vreinterpretq_s32_u32(vidupq_n_u32(0, 1)));
    const uint32_t bits = vaddvq_p_u32(weight, vcmpgeq_s32(a, b));
    return count == 4 ? bits : bits & ((1u << count) - 1u);
}

/* Writes channels n.. of the pooled map's position (y, x); rows of signs have been cleared. */
OTO_INLINE void oto_mve_store(const oto_stage *s, int32x4_t acc, int32_t n, int32_t count,
                              const oto_window *w, int32_t y, int32_t x, void *out) {
    const int32_t c = w->out.channels, at = (y * w->out.width + x) * c + n;
    if (s->kind == OTO_TO_INT8)
        oto_mve_store_int8(s, acc, n, count, (int8_t *)out + at);
    else if (s->kind == OTO_TO_INT16)
        oto_mve_store_int16(oto_mve_requantize(s, acc, n, count), count, (int16_t *)out + at);
    else
        oto_bits_or((uint32_t *)out + y * OTO_BIT_ROW_WORDS(w->out.width, c), x * c + n, count,
                    oto_mve_reach(acc, oto_mve_load4(s->threshold + n, count), count));
}

#endif
