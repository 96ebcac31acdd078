/* Convolution with int8 weights for WebAssembly SIMD: the input is widened to int16 and padded as a
 * whole, then every row of positions takes eight channels at a time (wasm_dot.h). */
#ifndef OTO_CONV_WASM_H
#define OTO_CONV_WASM_H

#include <string.h>

#include "../common/bits.h"
#include "wasm_dot.h"

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
 * positions | the widened input . */
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

#endif
