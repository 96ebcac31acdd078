/* The streaming front end's two convolutions for WebAssembly SIMD. */
#ifndef OTO_FUSED_FRONT_END_REAL_WASM_H
#define OTO_FUSED_FRONT_END_REAL_WASM_H

#include "../conv/reference.h"
#include "../conv/wasm_dot.h"

/* Outputs of a front end's first convolution less their zero point, [position][channel]. */
typedef int16_t oto_tile;

/* `count` outputs from samples on. Four channels are stored at a time; what a store writes beyond
 * the last one is written again by the next position, or lies in the room that is left for
 * over-reading. */
OTO_INLINE void oto_front_first(const oto_conv *l, const int16_t *samples, int32_t count,
                                oto_tile *out) {
    const oto_window *w = &l->window;
    const oto_wasm_reach r = {1, OTO_WASM_PAIRS(w->kernel_w, 1), 0, w->stride_w};
    const int32_t channels = w->out.channels;
    for (int32_t x = 0; x < count; x++, samples += w->stride_w, out += channels) {
        for (int32_t n = 0; n < channels; n += 4) {
            oto_wasm_sums sums;
            oto_wasm_dot(samples, r, (const int16_t *)l->weight + n / 4 * r.pairs * 8, 1, 1, &sums);
            const v128_t v = wasm_i32x4_sub(oto_wasm_requantize(l, sums.at[0][0], n),
                                            wasm_i32x4_splat(l->stage.zero));
            wasm_v128_store64_lane(out + n, wasm_i16x8_narrow_i32x4(v, v), 0);
        }
    }
}

/* The largest accumulators of one pool field, of up to eight channels. */
OTO_INLINE void oto_wasm_field(const oto_tile *in, oto_wasm_reach r, const int16_t *weight,
                               int32_t groups, int32_t pool, v128_t *best) {
    oto_wasm_sums sums;
    for (int32_t g = 0; g < groups; g++)
        best[g] = wasm_i32x4_const_splat(INT32_MIN);
    int32_t x = 0;
    for (; x + OTO_WASM_POSITIONS <= pool; x += OTO_WASM_POSITIONS) {
        oto_wasm_dot(in + x * r.step, r, weight, groups, OTO_WASM_POSITIONS, &sums);
        OTO_UNROLL for (int32_t i = 0; i < OTO_WASM_POSITIONS; i++)
            OTO_UNROLL for (int32_t g = 0; g < groups; g++) best[g] =
                wasm_i32x4_max(best[g], sums.at[i][g]);
    }
    for (; x < pool; x++) {
        oto_wasm_dot(in + x * r.step, r, weight, groups, 1, &sums);
        OTO_UNROLL for (int32_t g = 0; g < groups; g++) best[g] =
            wasm_i32x4_max(best[g], sums.at[0][g]);
    }
}

/* One pool field of the second convolution; channel n goes to out[at + n * channel_stride]. */
OTO_INLINE void oto_front_second(const oto_conv *l, const oto_tile *in, int32_t at,
                                 int32_t channel_stride, void *out) {
    const oto_window *w = &l->window;
    const oto_wasm_reach r = {1, OTO_WASM_PAIRS(w->kernel_w, w->in.channels), 0,
                              w->stride_w * w->in.channels};
    const int16_t *weight = (const int16_t *)l->weight;
    for (int32_t n = 0; n < w->out.channels; n += OTO_WASM_CHANNELS) {
        const bool both = n + 4 < w->out.channels;
        int32_t lanes[OTO_WASM_CHANNELS];
        v128_t best[OTO_WASM_GROUPS];
        if (both)
            oto_wasm_field(in, r, weight + n / 4 * r.pairs * 8, OTO_WASM_GROUPS, w->pool_w, best);
        else
            oto_wasm_field(in, r, weight + n / 4 * r.pairs * 8, 1, w->pool_w, best);
        wasm_v128_store(lanes, best[0]);
        if (both)
            wasm_v128_store(lanes + 4, best[1]);
        for (int32_t k = 0; k < OTO_WASM_CHANNELS && n + k < w->out.channels; k++)
            oto_conv_store(&l->stage, lanes[k], n + k, at + (n + k) * channel_stride, out);
    }
}

#endif
