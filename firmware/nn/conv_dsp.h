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

#include "conv_portable.h"
#include "oto_stage.h"

/* Words of a tile row that one position and kernel row read; half-steps are words. */
#define OTO_DSP_PADDED(channels, stride)                                                           \
    ((channels) == 1 ? 2 : (channels) * (stride) % 2 == 0 ? (channels) : (channels) + 1)
#define OTO_DSP_ROW_WORDS(kernel_w, channels, stride)                                              \
    ((channels) == 1 ? ((kernel_w) > 2 ? (kernel_w)-1 : 1)                                         \
                     : OTO_CEIL_DIV((kernel_w)*OTO_DSP_PADDED(channels, stride), 2))
/* Bytes from one position to the next. */
#define OTO_DSP_STEP(channels, stride) ((stride)*OTO_DSP_PADDED(channels, stride) * 2)
#define OTO_DSP_BLOCK 3 /* positions */
#define OTO_DSP_UNROLL 8

/* Positions of an output row in whole blocks, and what its tile holds of an input row: a single
 * channel's words overlap, and its last word of a position is one before the kernel's end. */
#define OTO_DSP_POSITIONS(out_w, pool_w)                                                           \
    (OTO_CEIL_DIV((out_w) * (pool_w), OTO_DSP_BLOCK) * OTO_DSP_BLOCK)
#define OTO_DSP_TILE_WIDTH(channels, out_w, kernel_w, stride_w, pool_w)                            \
    ((OTO_DSP_POSITIONS(out_w, pool_w) - 1) * (stride_w) + (kernel_w) + ((channels) == 1 ? 1 : 0))
#define OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w)                             \
    (OTO_CEIL_DIV(OTO_DSP_TILE_WIDTH(channels, out_w, kernel_w, stride_w, pool_w) *                \
                      OTO_DSP_PADDED(channels, stride_w),                                          \
                  2) *                                                                             \
     4)
/* Input rows that `stripe` output rows read. */
#define OTO_DSP_ROWS(stripe, kernel_h, stride_h, pool_h)                                           \
    (((stripe) * (pool_h)-1) * (stride_h) + (kernel_h))
/* An LDRD reaches the block's last position, and the tile of one output row is of a reasonable
 * size. */
#define OTO_DSP_FITS(channels, stride_w, rows, row_bytes)                                          \
    (2 * OTO_DSP_STEP(channels, stride_w) <= 1020 && (rows) * (row_bytes) <= 32768)

/* Bytes of scratch that a convolution takes: tile, widened weights, accumulators. */
#define OTO_DSP_SCRATCH(rows, row_bytes, kernel_h, words, pool_h, positions)                       \
    ((rows) * (row_bytes) + (kernel_h) * (words)*8 + (pool_h) * (positions)*8)
#define OTO_CONV_SCRATCH(channels, size, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w,     \
                         pool_h, pool_w, stripe)                                                   \
    (OTO_DSP_FITS(channels, stride_w, OTO_DSP_ROWS(1, kernel_h, stride_h, pool_h),                 \
                  OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w))                  \
         ? OTO_DSP_SCRATCH(OTO_DSP_ROWS(stripe, kernel_h, stride_h, pool_h),                       \
                           OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w),         \
                           kernel_h, OTO_DSP_ROW_WORDS(kernel_w, channels, stride_w), pool_h,      \
                           OTO_DSP_POSITIONS(out_w, pool_w))                                       \
         : 0)

/* What OTO_DSP_ROW_ASM keeps in memory: the registers are all taken. */
typedef struct {
    const void *x;     /* first position of the block, in the first tile row */
    const uint32_t *w; /* unpacked weights of the first kernel row */
    int32_t *out;      /* [position][2] accumulators */
    int32_t *out_end;
    const uint32_t *w_end;
    const uint32_t *loop_end; /* end of the unrolled steps of the first row */
    const uint32_t *row_loop_end;
    int32_t start[6]; /* what the accumulators begin with */
} oto_dsp_row;

/* Two words of three positions times two channels. r0 tile, r1 weights, r2-r5 weights of two words,
 * r6-r7 two words of one position, r8-r12 and lr accumulators. */
#define OTO_DSP_STEP_ASM                                                                           \
    "ldmia r1!, {r2, r3, r4, r5}\n"                                                                \
    "ldrd r6, r7, [r0, %[s1]]\n"                                                                   \
    "smlad r10, r6, r2, r10\n"                                                                     \
    "smlad r11, r6, r4, r11\n"                                                                     \
    "smlad r10, r7, r3, r10\n"                                                                     \
    "smlad r11, r7, r5, r11\n"                                                                     \
    "ldrd r6, r7, [r0, %[s2]]\n"                                                                   \
    "smlad r12, r6, r2, r12\n"                                                                     \
    "smlad lr, r6, r4, lr\n"                                                                       \
    "smlad r12, r7, r3, r12\n"                                                                     \
    "smlad lr, r7, r5, lr\n"                                                                       \
    "ldrd r6, r7, [r0], #8\n"                                                                      \
    "smlad r8, r6, r2, r8\n"                                                                       \
    "smlad r9, r6, r4, r9\n"                                                                       \
    "smlad r8, r7, r3, r8\n"                                                                       \
    "smlad r9, r7, r5, r9\n"
/* One word of the same. */
#define OTO_DSP_HALF_ASM                                                                           \
    "ldrd r2, r4, [r1], #8\n"                                                                      \
    "ldr r6, [r0, %[s1]]\n"                                                                        \
    "smlad r10, r6, r2, r10\n"                                                                     \
    "smlad r11, r6, r4, r11\n"                                                                     \
    "ldr r6, [r0, %[s2]]\n"                                                                        \
    "smlad r12, r6, r2, r12\n"                                                                     \
    "smlad lr, r6, r4, lr\n"                                                                       \
    "ldr r6, [r0], #4\n"                                                                           \
    "smlad r8, r6, r2, r8\n"                                                                       \
    "smlad r9, r6, r4, r9\n"

/* Accumulators of all positions of one output row and two channels. `row_skip`: bytes from the end
 * of what one kernel row reads to the start of the next row's; `words`: OTO_DSP_ROW_WORDS. The
 * struct lies at the stack pointer while the kernel runs, since no register is left to hold its
 * address. */
OTO_INLINE void oto_dsp_positions(oto_dsp_row *row, const int32_t step, const int32_t words,
                                  const int32_t row_skip) {
    const int32_t steps = words / 2, half = words % 2;
    const int32_t loops = steps / OTO_DSP_UNROLL >= 2 ? steps / OTO_DSP_UNROLL : 0;
    register oto_dsp_row *r0 __asm__("r0") = row;
    __asm__ volatile(
        "sub sp, sp, #56\n"
        "ldm r0!, {r1, r2, r3, r4, r5, r6, r7}\n"
        "stm sp, {r1, r2, r3, r4, r5, r6, r7}\n"
        "add r12, sp, #28\n"
        "ldm r0, {r1, r2, r3, r4, r5, r6}\n"
        "stm r12, {r1, r2, r3, r4, r5, r6}\n"
        "1:\n" /* a block of positions */
        "add r2, sp, #28\n"
        "ldm r2, {r8, r9, r10, r11, r12, lr}\n"
        "ldrd r0, r1, [sp]\n"
        "2:\n" /* a kernel row */
        ".if %c[loops]\n"
        "3:\n"
        ".rept %c[unroll]\n" OTO_DSP_STEP_ASM ".endr\n"
        "ldr r6, [sp, #24]\n"
        "cmp r1, r6\n"
        "bne 3b\n"
        "add r6, r6, %[row_bytes]\n"
        "str r6, [sp, #24]\n"
        ".endif\n"
        ".rept %c[rest]\n" OTO_DSP_STEP_ASM ".endr\n"
        ".if %c[half]\n" OTO_DSP_HALF_ASM ".endif\n"
        "ldr r6, [sp, #16]\n"
        ".if %c[skip] < 4096\n"
        "addw r0, r0, %[skip]\n"
        ".else\n"
        "movw r7, %[skip]\n"
        "add r0, r0, r7\n"
        ".endif\n"
        "cmp r1, r6\n"
        "bne 2b\n"
        ".if %c[loops]\n"
        "ldr r6, [sp, #20]\n"
        "str r6, [sp, #24]\n"
        ".endif\n"
        "ldrd r6, r7, [sp, #8]\n"
        "stmia r6!, {r8, r9, r10, r11, r12, lr}\n"
        "ldr r0, [sp]\n"
        "add r0, r0, %[advance]\n"
        "str r0, [sp]\n"
        "str r6, [sp, #8]\n"
        "cmp r6, r7\n"
        "bne 1b\n"
        "add sp, sp, #56\n"
        : "+r"(r0)
        : [s1] "n"(step), [s2] "n"(2 * step), [advance] "n"(OTO_DSP_BLOCK * step),
          [skip] "n"(row_skip), [loops] "n"(loops), [unroll] "n"(OTO_DSP_UNROLL),
          [rest] "n"(steps - loops * OTO_DSP_UNROLL), [half] "n"(half), [row_bytes] "n"(words * 8)
        : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",
          "memory");
}

/* Widens one kernel row of two channels: `words` pairs of taps each. Returns the next packed bytes.
 */
OTO_INLINE const uint8_t *oto_dsp_widen_weights(const uint8_t *from, int32_t words, uint32_t *to) {
    for (int32_t i = 0; i < words / 2; i++, from += 8, to += 4) {
        uint32_t a, b;
        memcpy(&a, from, 4);
        memcpy(&b, from + 4, 4);
        __asm__("sxtb16 %0, %1" : "=r"(to[0]) : "r"(a));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(to[1]) : "r"(a));
        __asm__("sxtb16 %0, %1" : "=r"(to[2]) : "r"(b));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(to[3]) : "r"(b));
    }
    if (words % 2) {
        uint32_t a;
        memcpy(&a, from, 4);
        __asm__("sxtb16 %0, %1" : "=r"(to[0]) : "r"(a));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(to[1]) : "r"(a));
        from += 4;
    }
    return from;
}

/* `count` int8 values minus the zero point -> int16; `bias` is the negated zero point in both
 * halves. */
OTO_INLINE void oto_dsp_widen(const int8_t *from, int32_t count, uint32_t bias, int16_t *to) {
    int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        uint32_t v, even, odd, pair[2];
        memcpy(&v, from + i, 4);
        __asm__("sxtab16 %0, %1, %2" : "=r"(even) : "r"(bias), "r"(v));
        __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(odd) : "r"(bias), "r"(v));
        __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair[0]) : "r"(even), "r"(odd));
        __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair[1]) : "r"(odd), "r"(even));
        memcpy(to + i, pair, 8);
    }
    for (; i < count; i++)
        to[i] = (int16_t)(from[i] + (int16_t)bias);
}

/* One input row into the tile, `positions` wide from column -pad_left on. */
OTO_INLINE void oto_dsp_tile_row(const oto_conv *l, const void *in, int32_t y, int32_t positions,
                                 int16_t *to) {
    const oto_window *w = &l->window;
    const int32_t c = w->in.channels, padded = OTO_DSP_PADDED(c, w->stride_w);
    const int32_t inside = oto_min(w->in.width, positions - w->pad_left);
    const int32_t from = y * w->in.width * c;
    const uint32_t bias = (uint32_t)(-l->in_zero & 0xffff) * 0x10001u;
    memset(to, 0, (size_t)(w->pad_left * padded) * sizeof *to);
    memset(to + (w->pad_left + inside) * padded, 0,
           (size_t)((positions - w->pad_left - inside) * padded) * sizeof *to);
    int16_t *at = to + w->pad_left * padded;
    if (c == 1) {
        /* at[2 i] = x[i], at[2 i + 1] = x[i + 1] */
        int32_t v = 0;
        for (int32_t x = 0; x < inside; x++) {
            v = l->source == OTO_FROM_INT8 ? ((const int8_t *)in)[from + x] - l->in_zero
                                           : ((const int16_t *)in)[from + x];
            at[2 * x] = (int16_t)v;
            if (x > 0 || w->pad_left > 0)
                at[2 * x - 1] = (int16_t)v;
        }
        at[2 * inside - 1] = 0;
        return;
    }
    if (l->source == OTO_FROM_INT8 && padded == c) {
        oto_dsp_widen((const int8_t *)in + from, inside * c, bias, at);
        return;
    }
    for (int32_t x = 0; x < inside; x++, at += padded) {
        if (l->source == OTO_FROM_INT8)
            oto_dsp_widen((const int8_t *)in + from + x * c, c, bias, at);
        else
            memcpy(at, (const int16_t *)in + from + x * c, (size_t)c * sizeof *at);
        if (padded > c)
            at[c] = 0;
    }
}

OTO_INLINE int32_t oto_dsp_positions_padded(const oto_window *w) {
    return OTO_DSP_POSITIONS(w->out.width, w->pool_w);
}

OTO_INLINE int32_t oto_dsp_tile_positions(const oto_window *w) {
    return OTO_DSP_TILE_WIDTH(w->in.channels, w->out.width, w->kernel_w, w->stride_w, w->pool_w);
}

OTO_INLINE int32_t oto_dsp_row_bytes(const oto_window *w) {
    return OTO_DSP_ROW_BYTES(w->in.channels, w->out.width, w->kernel_w, w->stride_w, w->pool_w);
}

OTO_INLINE bool oto_dsp_fits(const oto_window *w) {
    return OTO_DSP_FITS(w->in.channels, w->stride_w,
                        OTO_DSP_ROWS(1, w->kernel_h, w->stride_h, w->pool_h), oto_dsp_row_bytes(w));
}

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
 * planner allows. Scratch: tile | widened weights | accumulators (agent/compiler/kernels-dsp.ts
 * computes the sum). */
OTO_INLINE void oto_conv_run(const oto_conv *l, const void *in, void *out, void *scratch) {
    const oto_window *w = &l->window;
    if (!oto_dsp_fits(w)) {
        oto_conv_portable(l, in, out);
        return;
    }
    const int32_t c = w->in.channels;
    const int32_t words = OTO_DSP_ROW_WORDS(w->kernel_w, c, w->stride_w);
    const int32_t step = OTO_DSP_STEP(c, w->stride_w);
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
                    oto_dsp_positions(&row, step, words,
                                      w->kernel_h > 1 ? row_bytes - words * 4 : 0);
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
