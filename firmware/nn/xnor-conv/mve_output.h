/* From counts of differing bits to the pooled map, on four lanes, one per channel. */
#ifndef OTO_XNOR_CONV_MVE_OUTPUT_H
#define OTO_XNOR_CONV_MVE_OUTPUT_H

#include "../common/output_stage_mve.h"
#include "patch.h"

/* Per channel, for positions whose taps within the map are `t`: for signs the limit below which a
 * count gives 1, else the accumulator of count 0. */
OTO_INLINE void oto_mve_base(const oto_xnor *l, oto_taps t, int32_t *base) {
    const oto_window *w = &l->window;
    const int32_t all = w->kernel_h * w->kernel_w;
    const int32_t taps = l->pad_value == 0 ? (t.y1 - t.y0) * (t.x1 - t.x0) : all;
    for (int32_t n = 0; n < w->out.channels; n++) {
        int32_t b = taps * w->in.channels;
        for (int32_t i = 0; i < all && taps < all; i++) {
            const int32_t ky = i / w->kernel_w, kx = i % w->kernel_w;
            if (ky < t.y0 || ky >= t.y1 || kx < t.x0 || kx >= t.x1)
                b += 2 * (l->pad_ones ? l->pad_ones[n * all + i] : l->pad_ones16[n * all + i]);
        }
        base[n] = l->stage.kind == OTO_TO_BITS ? ((b - l->stage.threshold[n]) >> 1) + 1 : b;
    }
}

/* The shortcut's values for channels n..; its channels repeat. */
OTO_INLINE int32x4_t oto_mve_shortcut(const oto_stage *s, const int16_t *shortcut, int32_t n,
                                      int32_t channels, int32_t count) {
    const int32_t c = s->shortcut_channels;
    if (c >= channels || c % 4 == 0) {
        const int16_t *from = shortcut + (c >= channels ? n : n % c);
        return count == 4 ? vldrhq_s32(from) : vldrhq_z_s32(from, vctp32q((uint32_t)count));
    }
    int32_t lanes[4];
    for (int32_t i = 0; i < 4; i++)
        lanes[i] = shortcut[(n + i) % c];
    return vldrwq_s32(lanes);
}

OTO_INLINE int32x4_t oto_mve_load4_s16(const int16_t *from, int32_t count) {
    return count == 4 ? vldrhq_s32(from) : vldrhq_z_s32(from, vctp32q((uint32_t)count));
}

/* Accumulators of channels n.. and the shortcut -> int16 stream, 32 bits wide. A PReLU whose slope
 * is at most 1 is a maximum. */
OTO_INLINE int32x4_t oto_mve_residual(const oto_stage *s, int32x4_t acc, int32x4_t shortcut,
                                      int32_t n, int32_t count) {
    int32x4_t v = vmulq_s32(acc, oto_mve_load4_s16(s->multiplier16 + n, count));
    v = vaddq_s32(v, oto_mve_load4(s->bias + n, count));
    v = vaddq_s32(s->shift == 0 ? v : vshlq_r_s32(v, -s->shift), shortcut);
    v = vmovlbq_s16(vqmovnbq_s32(vreinterpretq_s16_s32(v), v));
    const int32x4_t scaled = vmulq_s32(v, oto_mve_load4_s16(s->slope + n, count));
    return vmaxq_s32(v, vshrq_n_s32(scaled, 15));
}

/* Counts of channels n.. at one position -> the pooled map; `first` of a pool field begins it. */
OTO_INLINE void oto_mve_take(const oto_xnor *l, const int32_t *base, const int32_t *result,
                             const int16_t *shortcut, int32_t n, int32_t count, bool first,
                             int32_t at, void *out) {
    const oto_stage *s = &l->stage;
    const int32x4_t acc = vmlaq_n_s32(vldrwq_s32(base + n), vldrwq_s32(result + n), -2);
    const mve_pred16_t p = vctp32q((uint32_t)count);
    if (s->kind == OTO_TO_INT8) {
        int8_t *o = (int8_t *)out + at + n;
        int8x16_t v = vreinterpretq_s8_s32(oto_mve_requantize(s, acc, n, count));
        if (!first)
            v = vmaxq_s8(v, vreinterpretq_s8_s32(vldrbq_z_s32(o, p)));
        vstrbq_p_s32(o, vreinterpretq_s32_s8(v), p);
        return;
    }
    int16_t *o = (int16_t *)out + at + n;
    const int32x4_t q =
        s->kind == OTO_TO_INT16
            ? oto_mve_requantize(s, acc, n, count)
            : oto_mve_residual(s, acc,
                               oto_mve_shortcut(s, shortcut, n, l->window.out.channels, count), n,
                               count);
    int16x8_t v = vreinterpretq_s16_s32(q);
    if (!first)
        v = vmaxq_s16(v, vreinterpretq_s16_s32(oto_mve_load4_s16(o, count)));
    oto_mve_store_int16(vreinterpretq_s32_s16(v), count, o);
}

#endif
