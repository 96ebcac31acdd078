/* Convolution with int8 weights for cores with the DSP extension (Cortex-M4, M7, M33).
 *
 * Input rows are widened to int16 in a tile in scratch memory (zero point subtracted, borders
 * filled with 0), so that SMLAD multiplies two taps at once and no im2col is needed. Weights stay
 * int8 in flash and are widened to scratch for two channels at a time; all positions of a stripe
 * then use them. The inner kernel computes three positions of two channels: per four taps one LDM
 * of weights, three LDRDs of the tile and twelve SMLADs, 0.67 instructions per multiply-accumulate,
 * with every register in use.
 *
 * Tile: [rows][width][padded channels]. Channels are padded to an even number, so that positions
 * stay word-aligned. A single input channel is stored as overlapping pairs (x[i], x[i + 1]), one
 * word per position, for the same reason.
 *
 * Weights, per pair of channels and kernel row: steps of four taps, eight bytes: a word per channel
 * with bytes (k0, k2, k1, k3), which SXTB16 splits into (k0, k1) and (k2, k3); then, where the taps
 * are 2 modulo 4, four bytes (k0 of both channels, k1 of both). */
#ifndef OTO_CONV_DSP_H
#define OTO_CONV_DSP_H

#include <string.h>

#include "../common/bits.h"
#include "../fused-front-end/real_dsp_slide.h"
#include "dsp_positions.h"
#include "dsp_tile.h"
#include "reference.h"

/* Hot loops of a convolution, or of a front end's two (fused-front-end/real_dsp.h). */
struct oto_conv_loops {
    oto_dsp_positions *positions;
    oto_front_slide *slide;
};

/* Makes those of a convolution `name`; the sizes after `out_channels` are those of
 * OTO_CONV_SCRATCH. */
#define OTO_CONV_LOOPS(name, out_channels, channels, size, out_h, out_w, kernel_h, kernel_w,       \
                       stride_h, stride_w, pool_h, pool_w, stripe)                                 \
    OTO_DSP_POSITIONS_LOOP(                                                                        \
        name##_positions,                                                                          \
        OTO_DSP_FITS(channels, stride_w, OTO_DSP_ROWS(1, kernel_h, stride_h, pool_h),              \
                     OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w)),              \
        OTO_DSP_STEP(channels, stride_w), OTO_DSP_ROW_WORDS(kernel_w, channels, stride_w),         \
        OTO_DSP_SKIP(channels, out_w, kernel_h, kernel_w, stride_w, pool_w))                       \
    static const oto_conv_loops name##_loops = {.positions = name##_positions}

/* Pool of two channels' accumulators [pool row][position][2] at pooled column x. */
OTO_INLINE int32_t oto_dsp_pool(const int32_t *acc, int32_t row_words, const oto_window *w,
                                int32_t x) {
    int32_t best = acc[x * w->pool_w * 2];
    for (int32_t py = 0; py < w->pool_h; py++)
        for (int32_t px = 0; px < w->pool_w; px++)
            best = oto_max(best, acc[py * row_words + (x * w->pool_w + px) * 2]);
    return best;
}

OTO_INLINE void oto_dsp_emit(const oto_conv *l, int32_t acc, int32_t n, int32_t y, int32_t x,
                             void *out) {
    const oto_window *w = &l->window;
    const int32_t i = (y * w->out.width + x) * w->out.channels + n;
    const oto_stage *s = &l->stage;
    if (s->kind == OTO_TO_BITS) {
        uint32_t *row = (uint32_t *)out + y * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels);
        const int32_t bit = x * w->out.channels + n;
        if (acc >= s->threshold[n])
            row[bit >> 5] |= 1u << (bit & 31);
        return;
    }
    const int32_t scaled = s->shift == 0 ? acc : (int32_t)((uint32_t)acc << s->shift) + s->bias[n];
    const int32_t v = oto_scale(s, scaled, n);
    if (s->kind == OTO_TO_INT8)
        ((int8_t *)out)[i] = (int8_t)v;
    else
        ((int16_t *)out)[i] = (int16_t)v;
}

/* in: [height][width][channels] int8 or int16; out: pooled map. `out` may lie over `in` as the
 * planner allows. Scratch: tile | widened weights | accumulators. */
OTO_INLINE void oto_conv_run(const oto_conv *l, const void *in, void *out, void *scratch) {
    const oto_window *w = &l->window;
    if (!oto_dsp_fits(w)) {
        oto_conv_portable(l, in, out);
        return;
    }
    const int32_t c = w->in.channels;
    const int32_t words = OTO_DSP_ROW_WORDS(w->kernel_w, c, w->stride_w);
    const int32_t positions = oto_dsp_positions_padded(w), tile_w = oto_dsp_tile_positions(w);
    const int32_t row_bytes = oto_dsp_row_bytes(w);
    const int32_t tile_rows = OTO_DSP_ROWS(l->stripe, w->kernel_h, w->stride_h, w->pool_h);
    uint8_t *tile = (uint8_t *)scratch;
    uint32_t *weights = (uint32_t *)(void *)(tile + tile_rows * row_bytes);
    int32_t *acc = (int32_t *)(weights + w->kernel_h * words * 2);
    const int32_t acc_row = positions * 2;

    if (l->stage.kind == OTO_TO_BITS)
        memset(out, 0,
               (size_t)(w->out.height * OTO_BIT_ROW_WORDS(w->out.width, w->out.channels)) * 4);
    for (int32_t y0 = 0; y0 < w->out.height; y0 += l->stripe) {
        const int32_t y1 = oto_min(y0 + l->stripe, w->out.height);
        const int32_t top = y0 * w->pool_h * w->stride_h - w->pad_top;
        const int32_t first = oto_max(0, top);
        const int32_t last =
            oto_min(w->in.height, (y1 * w->pool_h - 1) * w->stride_h - w->pad_top + w->kernel_h);
        for (int32_t y = first; y < last; y++)
            oto_dsp_tile_row(l, in, y, tile_w, (int16_t *)(void *)(tile + (y - first) * row_bytes));
        const uint8_t *packed = (const uint8_t *)l->weight;
        for (int32_t n = 0; n < w->out.channels; n += 2) {
            for (int32_t ky = 0; ky < w->kernel_h; ky++)
                packed = oto_dsp_widen_weights(packed, words, weights + ky * words * 2);
            const bool two = n + 1 < w->out.channels;
            const bool biased = l->stage.kind != OTO_TO_BITS && l->stage.shift == 0;
            const int32_t b0 = biased ? l->stage.bias[n] : 0;
            const int32_t b1 = biased && two ? l->stage.bias[n + 1] : 0;
            for (int32_t y = y0; y < y1; y++) {
                for (int32_t py = 0; py < w->pool_h; py++) {
                    const int32_t iy = (y * w->pool_h + py) * w->stride_h - w->pad_top;
                    const int32_t k0 = oto_max(0, -iy),
                                  k1 = oto_min(w->kernel_h, w->in.height - iy);
                    const uint32_t *from = weights + k0 * words * 2;
                    const int32_t loops = words / 2 / OTO_DSP_UNROLL;
                    const uint32_t *loop_end = from + loops * OTO_DSP_UNROLL * 4;
                    oto_dsp_row row = {tile + (iy + k0 - first) * row_bytes,
                                       from,
                                       acc + py * acc_row,
                                       acc + (py + 1) * acc_row,
                                       weights + k1 * words * 2,
                                       loop_end,
                                       loop_end,
                                       {b0, b1, b0, b1, b0, b1}};
                    l->loops->positions(&row);
                }
                for (int32_t x = 0; x < w->out.width; x++) {
                    oto_dsp_emit(l, oto_dsp_pool(acc, acc_row, w, x), n, y, x, out);
                    if (two)
                        oto_dsp_emit(l, oto_dsp_pool(acc + 1, acc_row, w, x), n + 1, y, x, out);
                }
            }
        }
    }
}

#endif
