/* The streaming front end on MVE: kernels that keep their weights in registers while the positions
 * pass, for the shapes of ACDNet; anything else runs on what conv/mve.h has. */
#ifndef OTO_FUSED_FRONT_END_REAL_MVE_H
#define OTO_FUSED_FRONT_END_REAL_MVE_H

#include "../conv/mve.h"

/* Shapes that the loops with weights in registers are made for. */
#define OTO_MVE_NINE_FITS(kernel_w, stride_w, channels)                                            \
    ((kernel_w) == 9 && (stride_w) <= 127 && (channels) <= 127)
#define OTO_MVE_KEPT_FITS(kernel_w, stride_w, in_channels, pool_w)                                 \
    ((kernel_w) * (in_channels) <= 48 && (stride_w) * (in_channels) <= 63 && (pool_w) % 2 == 0 &&  \
     (pool_w) < 65536)

/* Makes the hot loops of a first and of a second convolution. */
#define OTO_FRONT_FIRST_LOOPS(name, kernel_w, stride_w, channels, shift)                           \
    OTO_MVE_DOT_LOOPS(name, 2, channels, OTO_CEIL_DIV(kernel_w, 8))                                \
    OTO_MVE_NINE_LOOP(name##_nine, OTO_MVE_NINE_FITS(kernel_w, stride_w, channels), stride_w,      \
                      channels, shift)                                                             \
    static const oto_conv_loops name##_loops = {                                                   \
        .dot = name##_dot, .dot_rest = name##_dot_rest, .nine = name##_nine}
#define OTO_FRONT_SECOND_LOOPS(name, kernel_w, stride_w, in_channels, pool_w, channels)            \
    OTO_MVE_DOT_LOOPS(name, 1, channels, OTO_CEIL_DIV((kernel_w) * (in_channels), 16))             \
    OTO_MVE_KEPT_LOOP(                                                                             \
        name##_kept,                                                                               \
        (channels) >= 4 && OTO_MVE_KEPT_FITS(kernel_w, stride_w, in_channels, pool_w), 4,          \
        OTO_CEIL_DIV((kernel_w) * (in_channels), 16), (stride_w) * (in_channels), (pool_w) / 2)    \
    OTO_MVE_KEPT_LOOP(name##_kept_rest,                                                            \
                      (channels) % 4 != 0 &&                                                       \
                          OTO_MVE_KEPT_FITS(kernel_w, stride_w, in_channels, pool_w),              \
                      (channels) % 4, OTO_CEIL_DIV((kernel_w) * (in_channels), 16),                \
                      (stride_w) * (in_channels), (pool_w) / 2)                                    \
    static const oto_conv_loops name##_loops = {.dot = name##_dot,                                 \
                                                .dot_rest = name##_dot_rest,                       \
                                                .kept = name##_kept,                               \
                                                .kept_rest = name##_kept_rest}

/* Outputs of a front end's first convolution, [position][channel]. */
typedef int8_t oto_tile;

/* `count` outputs from samples on, two positions at a time, for any kernel. */
OTO_INLINE void oto_mve_first_pairs(const oto_conv *l, const int16_t *samples, int32_t count,
                                    oto_tile *out) {
    const oto_window *w = &l->window;
    const int32_t channels = w->out.channels, vectors = OTO_CEIL_DIV(w->kernel_w, 8);
    for (int32_t x = 0; x < count; x += 2) {
        const int16_t *a = samples + x * w->stride_w;
        const bool last = x + 1 == count;
        const int16_t *b = last ? a : a + w->stride_w;
        for (int32_t n = 0; n < channels; n += 4) {
            const int32_t group = oto_min(4, channels - n);
            const void *weight = (const uint8_t *)l->weight + n * vectors * 16;
            const oto_mve_pair d =
                group == 4 ? l->loops->dot(weight, a, b) : l->loops->dot_rest(weight, a, b);
            oto_mve_store_int8(&l->stage, d.a, n, group, out + x * channels + n);
            if (!last)
                oto_mve_store_int8(&l->stage, d.b, n, group, out + (x + 1) * channels + n);
        }
    }
}

/* Nine taps: four channels at `count` positions; lanes without a channel are written too, so groups
 * run from the last to the first. */
OTO_INLINE void oto_mve_first_nine(const oto_conv *l, int32_t n, const int16_t *samples,
                                   int32_t count, oto_tile *out) {
    const oto_stage *s = &l->stage;
    const int32_t group = oto_min(4, l->window.out.channels - n);
    /* Two vectors a channel: eight taps, and the ninth. */
    const int16_t *weight = (const int16_t *)l->weight + n * 16;
    oto_mve_nine_taps taps = {.start = oto_mve_load4(s->bias + n, group),
                              .multiplier = oto_mve_load4(s->multiplier + n, group),
                              .zero = s->zero};
    uint32_t ninth[4];
    for (int32_t i = 0; i < 4; i++) {
        const int16_t *own = weight + oto_min(i, group - 1) * 8;
        taps.taps[i] = vldrhq_s16(own);
        ninth[i] = (uint16_t)own[group * 8];
    }
    taps.ninth01 = ninth[0] | ninth[1] << 16;
    taps.ninth23 = ninth[2] | ninth[3] << 16;
    l->loops->nine(&taps, samples, out + n, count);
}

/* `count` outputs from samples on: int8, [position][channel]. */
OTO_INLINE void oto_front_first(const oto_conv *l, const int16_t *samples, int32_t count,
                                oto_tile *out) {
    const oto_window *w = &l->window;
    const oto_stage *s = &l->stage;
    const bool fits = OTO_MVE_NINE_FITS(w->kernel_w, w->stride_w, w->out.channels) &&
                      s->min == INT8_MIN && s->max == INT8_MAX;
    if (!fits) {
        oto_mve_first_pairs(l, samples, count, out);
        return;
    }
    for (int32_t n = (w->out.channels - 1) / 4 * 4; n >= 0; n -= 4)
        oto_mve_first_nine(l, n, samples, count, out);
}

/* One pool field, four channels at a time, for any kernel. */
OTO_INLINE void oto_mve_second_groups(const oto_conv *l, const oto_tile *in, int32_t at,
                                      int32_t channel_stride, void *out) {
    const oto_window *w = &l->window;
    const int32_t step = w->stride_w * w->in.channels;
    const int32_t vectors = OTO_CEIL_DIV(w->kernel_w * w->in.channels, 16);
    for (int32_t n = 0; n < w->out.channels; n += 4) {
        const int32_t group = oto_min(4, w->out.channels - n);
        const uint8_t *weight = (const uint8_t *)l->weight + n * vectors * 16;
        int32x4_t best = vdupq_n_s32(INT32_MIN);
        for (int32_t x = 0; x < w->pool_w; x += 2) {
            const oto_tile *a = in + x * step;
            const oto_tile *b = x + 1 == w->pool_w ? a : a + step;
            const oto_mve_pair d =
                group == 4 ? l->loops->dot(weight, a, b) : l->loops->dot_rest(weight, a, b);
            best = vmaxq_s32(best, vmaxq_s32(d.a, d.b));
        }
        int32_t lanes[4];
        vst1q_s32(lanes, oto_mve_requantize(&l->stage, best, n, group));
        for (int32_t i = 0; i < group; i++)
            ((int8_t *)out)[at + (n + i) * channel_stride] = (int8_t)lanes[i];
    }
}

/* Groups of channels whose accumulators wait on the stack. */
#define OTO_MVE_KEPT_GROUPS 4

/* The accumulators of `channels` channels from n on, as the loops leave them. */
OTO_INLINE void oto_mve_kept_store(const oto_conv *l, const int32_t *best, int32_t n,
                                   int32_t channels, int32_t channel_stride, int8_t *out) {
    for (int32_t i = 0; i < channels; i++) {
        const int32_t *lanes = best + i / 2 * 4 + i % 2;
        out[(n + i) * channel_stride] =
            (int8_t)oto_requantize(&l->stage, oto_max(lanes[0], lanes[2]), n + i);
    }
}

/* One pool field of the second convolution; channel n goes to out[at + n * channel_stride]. */
OTO_INLINE void oto_front_second(const oto_conv *l, const oto_tile *in, int32_t at,
                                 int32_t channel_stride, void *out) {
    const oto_window *w = &l->window;
    const int32_t step = w->stride_w * w->in.channels, channels = w->out.channels;
    const int32_t vectors = OTO_CEIL_DIV(w->kernel_w * w->in.channels, 16);
    if (!OTO_MVE_KEPT_FITS(w->kernel_w, w->stride_w, w->in.channels, w->pool_w)) {
        oto_mve_second_groups(l, in, at, channel_stride, out);
        return;
    }
    int32_t best[OTO_MVE_KEPT_GROUPS * 8];
    const int32_t whole = channels / 4 * 4, rest = channels - whole;
    const uint8_t *weight = (const uint8_t *)l->weight;
    for (int32_t n = 0; n < whole; n += OTO_MVE_KEPT_GROUPS * 4) {
        const int32_t some = oto_min(OTO_MVE_KEPT_GROUPS * 4, whole - n);
        l->loops->kept(in - 2 * step, weight + n * vectors * 16, some / 4, best);
        oto_mve_kept_store(l, best, n, some, channel_stride, (int8_t *)out + at);
    }
    if (rest > 0) {
        l->loops->kept_rest(in - 2 * step, weight + whole * vectors * 16, 1, best);
        oto_mve_kept_store(l, best, whole, rest, channel_stride, (int8_t *)out + at);
    }
}

#endif
