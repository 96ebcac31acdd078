/* Convolutions with int8 weights for WebAssembly SIMD. The lanes of a vector are four output
 * channels, each of which multiplies a pair of neighbouring inputs at a time (i32x4.dot_i16x8_s):
 * nothing has to be summed across lanes, and no shape wastes more than one input of a kernel row.
 * Weights (agent/compiler/kernels-wasm.ts): int16 [channel / 4][ky][pair][4][2], zero where a pair
 * or a group of four is not full. */
#ifndef OTO_CONV_WASM_H
#define OTO_CONV_WASM_H

#include <string.h>
#include <wasm_simd128.h>

#include "bits.h"
#include "conv_portable.h"

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

/* Values of channels n to n + 3, as many as there are; `i` is the first one's index in memory
 * order. */
OTO_INLINE void oto_wasm_store(const oto_conv *l, v128_t acc, int32_t n, int32_t i, void *out) {
    const oto_stage *s = &l->stage;
    const v128_t v = oto_wasm_requantize(l, acc, n);
    if (n + 4 > l->window.out.channels) {
        int32_t lanes[4];
        wasm_v128_store(lanes, v);
        for (int32_t k = 0; n + k < l->window.out.channels; k++)
            if (s->kind == OTO_TO_INT8)
                ((int8_t *)out)[i + k] = (int8_t)lanes[k];
            else
                ((int16_t *)out)[i + k] = (int16_t)lanes[k];
        return;
    }
    const v128_t narrow = wasm_i16x8_narrow_i32x4(v, v);
    if (s->kind == OTO_TO_INT8)
        wasm_v128_store32_lane((int8_t *)out + i, wasm_i8x16_narrow_i16x8(narrow, narrow), 0);
    else
        wasm_v128_store64_lane((int16_t *)out + i, narrow, 0);
}

/* The same for signs: bits from `at` on of a row. */
OTO_INLINE void oto_wasm_store_bits(const oto_conv *l, v128_t acc, int32_t n, int32_t at,
                                    uint32_t *row) {
    const int32_t count = oto_min(4, l->window.out.channels - n);
    int32_t lanes[4];
    uint32_t bits = 0;
    wasm_v128_store(lanes, acc);
    for (int32_t k = 0; k < count; k++)
        bits |= (uint32_t)(lanes[k] >= l->stage.threshold[n + k]) << k;
    oto_bits_or(row, at, count, bits);
}

/* Columns or rows of the input that outputs read, padding included. */
#define OTO_WASM_REACH(out, kernel, stride, pool) (((out) * (pool)-1) * (stride) + (kernel))

/* Bytes of scratch that a convolution takes: accumulators of a row of positions, and the widened
 * input with what a block reads beyond it. */
#define OTO_CONV_SCRATCH(channels, size, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w,     \
                         pool_h, pool_w, stripe)                                                   \
    (((out_w) * (pool_w) + OTO_WASM_POSITIONS) * OTO_WASM_CHANNELS * 4 +                           \
     OTO_CEIL_DIV((OTO_WASM_REACH(out_h, kernel_h, stride_h, pool_h) *                             \
                       OTO_WASM_REACH(out_w, kernel_w, stride_w, pool_w) * (channels) +            \
                   OTO_WASM_POSITIONS * (stride_w) * (channels) + 1) *                             \
                      2,                                                                           \
                  16) *                                                                            \
         16)

OTO_INLINE int32_t oto_wasm_columns(const oto_window *w) {
    return OTO_WASM_REACH(w->out.width, w->kernel_w, w->stride_w, w->pool_w);
}
OTO_INLINE int32_t oto_wasm_rows(const oto_window *w) {
    return OTO_WASM_REACH(w->out.height, w->kernel_h, w->stride_h, w->pool_h);
}

/* The input as int16 less its zero point, padded with zeros. */
OTO_INLINE void oto_wasm_widen(const oto_conv *l, const void *in, int16_t *to) {
    const oto_window *w = &l->window;
    const int32_t c = w->in.channels, columns = oto_wasm_columns(w);
    const int32_t left = w->pad_left * c;
    const int32_t inside = oto_min(w->in.width, columns - w->pad_left) * c;
    const int32_t zero = l->in_zero;
    for (int32_t r = 0; r < oto_wasm_rows(w); r++, to += columns * c) {
        const int32_t y = r - w->pad_top;
        if (y < 0 || y >= w->in.height) {
            memset(to, 0, (size_t)(columns * c) * sizeof *to);
            continue;
        }
        memset(to, 0, (size_t)left * sizeof *to);
        memset(to + left + inside, 0, (size_t)(columns * c - left - inside) * sizeof *to);
        const int32_t from = y * w->in.width * c;
        if (l->source == OTO_FROM_INT16)
            memcpy(to + left, (const int16_t *)in + from, (size_t)inside * sizeof *to);
        else
            for (int32_t i = 0; i < inside; i++)
                to[left + i] = (int16_t)(((const int8_t *)in)[from + i] - zero);
    }
}

/* Accumulators [position][channel of this pass] of one row of positions; the maximum with what is
 * there unless `first`.
 */
OTO_INLINE void oto_wasm_row(const int16_t *in, oto_wasm_reach r, const int16_t *weight,
                             int32_t groups, int32_t positions, bool first, int32_t *acc) {
    oto_wasm_sums sums;
    for (int32_t x = 0; x < positions;) {
        /* A block may compute one position too many, which the scratch has room for. */
        const int32_t count = positions - x >= OTO_WASM_POSITIONS - 1 ? OTO_WASM_POSITIONS : 1;
        if (count == OTO_WASM_POSITIONS)
            oto_wasm_dot(in + x * r.step, r, weight, groups, OTO_WASM_POSITIONS, &sums);
        else
            oto_wasm_dot(in + x * r.step, r, weight, groups, 1, &sums);
        for (int32_t i = 0; i < count; i++, x++)
            for (int32_t g = 0; g < groups; g++) {
                int32_t *to = acc + x * OTO_WASM_CHANNELS + 4 * g;
                const v128_t v = sums.at[i][g];
                wasm_v128_store(to, first ? v : wasm_i32x4_max(v, wasm_v128_load(to)));
            }
    }
}

/* Up to eight channels from n on of a whole map. */
OTO_INLINE void oto_wasm_channels(const oto_conv *l, const int16_t *tile, int32_t n, int32_t groups,
                                  int32_t *acc, void *out) {
    const oto_window *w = &l->window;
    const int32_t c = w->in.channels, row_step = oto_wasm_columns(w) * c;
    const oto_wasm_reach r = {w->kernel_h, OTO_WASM_PAIRS(w->kernel_w, c), row_step,
                              w->stride_w * c};
    const int16_t *weight = (const int16_t *)l->weight + n / 4 * r.rows * r.pairs * 8;
    for (int32_t y = 0; y < w->out.height; y++) {
        for (int32_t py = 0; py < w->pool_h; py++)
            oto_wasm_row(tile + (y * w->pool_h + py) * w->stride_h * row_step, r, weight, groups,
                         w->out.width * w->pool_w, py == 0, acc);
        for (int32_t x = 0; x < w->out.width; x++)
            for (int32_t g = 0; g < groups; g++) {
                const int32_t *from = acc + x * w->pool_w * OTO_WASM_CHANNELS + 4 * g;
                v128_t best = wasm_v128_load(from);
                for (int32_t px = 1; px < w->pool_w; px++)
                    best = wasm_i32x4_max(best, wasm_v128_load(from + px * OTO_WASM_CHANNELS));
                const int32_t k = n + 4 * g, at = x * w->out.channels + k;
                if (l->stage.kind == OTO_TO_BITS)
                    oto_wasm_store_bits(l, best, k, at,
                                        (uint32_t *)out +
                                            y * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels));
                else
                    oto_wasm_store(l, best, k, y * w->out.width * w->out.channels + at, out);
            }
    }
}

/* in: [height][width][channels] int8 or int16; out: pooled map. Scratch: accumulators of a row of
 * positions | the widened input (agent/compiler/kernels-wasm.ts computes the sum). */
OTO_INLINE void oto_conv_run(const oto_conv *l, const void *in, void *out, void *scratch) {
    const oto_window *w = &l->window;
    const int32_t positions = w->out.width * w->pool_w + OTO_WASM_POSITIONS;
    int32_t *acc = (int32_t *)scratch;
    int16_t *tile = (int16_t *)(void *)(acc + positions * OTO_WASM_CHANNELS);
    const int32_t groups = OTO_CEIL_DIV(w->out.channels, 4);
    oto_wasm_widen(l, in, tile);
    if (l->stage.kind == OTO_TO_BITS)
        memset(out, 0,
               (size_t)(w->out.height * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels)) * 4);
    for (int32_t g = 0; g + OTO_WASM_GROUPS <= groups; g += OTO_WASM_GROUPS)
        oto_wasm_channels(l, tile, 4 * g, OTO_WASM_GROUPS, acc, out);
    if (groups % OTO_WASM_GROUPS != 0)
        oto_wasm_channels(l, tile, 4 * (groups - 1), 1, acc, out);
}

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
