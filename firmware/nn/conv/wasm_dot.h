/* Convolutions with int8 weights for WebAssembly SIMD. The lanes of a vector are four output
 * channels, each of which multiplies a pair of neighbouring inputs at a time (i32x4.dot_i16x8_s):
 * nothing has to be summed across lanes, and no shape wastes more than one input of a kernel row.
 * Weights: int16 [channel / 4][ky][pair][4][2], zero where a pair
 * or a group of four is not full. */
#ifndef OTO_CONV_WASM_DOT_H
#define OTO_CONV_WASM_DOT_H

#include <wasm_simd128.h>

#include "../common/output_stage.h"

/* Positions and groups of four channels that are computed together: eight accumulators. */
#define OTO_WASM_POSITIONS 4
#define OTO_WASM_GROUPS 2
#define OTO_WASM_CHANNELS (4 * OTO_WASM_GROUPS)
#define OTO_UNROLL _Pragma("clang loop unroll(full)")

/* Pairs of inputs that a kernel row reads at one position. */
#define OTO_WASM_PAIRS(kernel_w, channels) OTO_CEIL_DIV((kernel_w) * (channels), 2)

typedef struct {
    v128_t at[OTO_WASM_POSITIONS][OTO_WASM_GROUPS];
} oto_wasm_sums;

/* Where a convolution reads: int16 elements between kernel rows and between positions. */
typedef struct {
    int32_t rows, pairs, row_step, step;
} oto_wasm_reach;

/* Accumulators of `count` positions and `groups` groups of channels. */
OTO_INLINE void oto_wasm_dot(const int16_t *in, oto_wasm_reach r, const int16_t *weight,
                             int32_t groups, int32_t count, oto_wasm_sums *sums) {
    OTO_UNROLL for (int32_t i = 0; i < count; i++) OTO_UNROLL for (int32_t g = 0; g < groups; g++)
        sums->at[i][g] = wasm_i32x4_const_splat(0);
    const int32_t group_step = r.rows * r.pairs * 8;
    for (int32_t ky = 0; ky < r.rows; ky++) {
        const int16_t *row = in + ky * r.row_step;
        for (int32_t p = 0; p < r.pairs; p++, weight += 8) {
            v128_t w[OTO_WASM_GROUPS];
            OTO_UNROLL for (int32_t g = 0; g < groups; g++) w[g] =
                wasm_v128_load(weight + g * group_step);
            OTO_UNROLL for (int32_t i = 0; i < count; i++) {
                const v128_t x = wasm_v128_load32_splat(row + i * r.step + 2 * p);
                OTO_UNROLL for (int32_t g = 0; g < groups; g++) sums->at[i][g] =
                    wasm_i32x4_add(sums->at[i][g], wasm_i32x4_dot_i16x8(x, w[g]));
            }
        }
    }
}

/* Per-channel numbers of channels n to n + 3, 0 where there is none. */
OTO_INLINE v128_t oto_wasm_load4(const int32_t *from, int32_t n, int32_t channels) {
    if (n + 4 <= channels)
        return wasm_v128_load(from + n);
    return wasm_i32x4_make(from[n], n + 1 < channels ? from[n + 1] : 0,
                           n + 2 < channels ? from[n + 2] : 0, 0);
}

/* Four accumulators of channels n to n + 3 -> int8 or int16 values in 32-bit lanes. */
OTO_INLINE v128_t oto_wasm_requantize(const oto_conv *l, v128_t acc, int32_t n) {
    const oto_stage *s = &l->stage;
    const int32_t channels = l->window.out.channels;
    const v128_t scaled = wasm_i32x4_add(wasm_i32x4_shl(acc, (uint32_t)s->shift),
                                         oto_wasm_load4(s->bias, n, channels));
    const v128_t m = oto_wasm_load4(s->multiplier, n, channels);
    const v128_t half = wasm_i64x2_const_splat(INT64_C(0x80000000));
    const v128_t low = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(scaled, m), half);
    const v128_t high = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(scaled, m), half);
    const v128_t v =
        wasm_i32x4_add(wasm_i32x4_shuffle(low, high, 1, 3, 5, 7), wasm_i32x4_splat(s->zero));
    return wasm_i32x4_min(wasm_i32x4_max(v, wasm_i32x4_splat(s->min)), wasm_i32x4_splat(s->max));
}

#endif
