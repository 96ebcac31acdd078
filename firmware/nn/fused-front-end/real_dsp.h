/* The streaming front end's two convolutions for cores with the DSP extension. */
#ifndef OTO_FUSED_FRONT_END_REAL_DSP_H
#define OTO_FUSED_FRONT_END_REAL_DSP_H

#include "../conv/dsp.h"

/* Outputs of the first convolution minus their zero point, [position][channel]. */
typedef int16_t oto_tile;

#define OTO_FRONT_DSP_TAPS 9
/* Weights of a stage with at most this shift have it in them already: int8 becomes int16 anyway. */
#define OTO_FRONT_DSP_PRESHIFT 8
/* Positions of a pool field that are computed before their maximum is taken; a multiple of
 * OTO_DSP_BLOCK. */
#define OTO_FRONT_DSP_CHUNK 51

/* A first convolution that the sliding loop computes, but for its numbers. */
#define OTO_FRONT_SLIDES(kernel_w, stride_w, channels)                                             \
    ((kernel_w) == OTO_FRONT_DSP_TAPS && (stride_w) == 2 && (channels) <= 127)

/* Makes the hot loops of a first and of a second convolution. */
#define OTO_FRONT_FIRST_LOOPS(name, kernel_w, stride_w, channels, shift)                           \
    OTO_FRONT_SLIDE_LOOP(name##_slide, OTO_FRONT_SLIDES(kernel_w, stride_w, channels), channels)   \
    static const oto_conv_loops name##_loops = {.slide = name##_slide}
#define OTO_FRONT_SECOND_LOOPS(name, kernel_w, stride_w, in_channels, pool_w, channels)            \
    OTO_DSP_POSITIONS_LOOP(name##_positions, OTO_FRONT_PAIRS(stride_w, in_channels),               \
                           (stride_w) * (in_channels)*2,                                           \
                           OTO_CEIL_DIV((kernel_w) * (in_channels), 2), 0)                         \
    static const oto_conv_loops name##_loops = {.positions = name##_positions}

/* Positions of the second convolution begin at words, two of them within the reach of an LDRD. */
#define OTO_FRONT_PAIRS(stride_w, in_channels)                                                     \
    ((in_channels) * (stride_w) % 2 == 0 && (in_channels) * (stride_w)*4 <= 1020)

/* `rounds` times five outputs of channel n. */
OTO_INLINE void oto_front_dsp_channel(const oto_conv *l, const int16_t *in, int32_t rounds,
                                      int32_t n, oto_tile *out) {
    oto_front_window window = {.bias = l->stage.bias[n],
                               .multiplier = l->stage.multiplier[n],
                               .in = in + 10,
                               .out = out,
                               .end = in + rounds * 10 + 8};
    memcpy(window.x, in, sizeof window.x);
    memcpy(window.w, (const uint32_t *)l->weight + n * 5, sizeof window.w);
    l->loops->slide(&window);
}

/* Outputs [first, count) of channel n, one by one. */
OTO_INLINE void oto_front_dsp_rest(const oto_conv *l, const int16_t *samples, int32_t first,
                                   int32_t count, int32_t n, oto_tile *out) {
    const oto_window *w = &l->window;
    const int16_t *weight = (const int16_t *)l->weight + n * OTO_CEIL_DIV(w->kernel_w, 2) * 2;
    for (int32_t x = first; x < count; x++) {
        int32_t acc = 0;
        for (int32_t k = 0; k < w->kernel_w; k++)
            acc += weight[k] * samples[x * w->stride_w + k];
        const oto_stage *s = &l->stage;
        const int32_t v = s->shift <= OTO_FRONT_DSP_PRESHIFT ? oto_scale(s, acc + s->bias[n], n)
                                                             : oto_requantize(s, acc, n);
        out[x * w->out.channels + n] = (oto_tile)(v - s->zero);
    }
}

/* `count` outputs from samples on. Weights: int16 [channel][taps, made even with a 0], shifted as
 * OTO_FRONT_DSP_PRESHIFT says. */
OTO_INLINE void oto_front_first(const oto_conv *l, const int16_t *samples, int32_t count,
                                oto_tile *out) {
    const oto_stage *s = &l->stage;
    const oto_window *w = &l->window;
    const bool sliding = OTO_FRONT_SLIDES(w->kernel_w, w->stride_w, w->out.channels) &&
                         s->shift <= OTO_FRONT_DSP_PRESHIFT && s->min == s->zero &&
                         s->max - s->zero == 255;
    for (int32_t n = 0; n < w->out.channels; n++) {
        const int32_t rounds = sliding ? count / 5 : 0;
        if (rounds > 0)
            oto_front_dsp_channel(l, samples, rounds, n, out + n);
        oto_front_dsp_rest(l, samples, rounds * 5, count, n, out);
    }
}

/* The largest accumulator of channel n in one pool field, tap by tap. Weights: int16
 * [channel][taps, made even]. */
OTO_INLINE int32_t oto_front_dsp_field(const oto_conv *l, const oto_tile *in, int32_t n) {
    const oto_window *w = &l->window;
    const int32_t taps = w->kernel_w * w->in.channels;
    const int16_t *weight = (const int16_t *)l->weight + n * OTO_CEIL_DIV(taps, 2) * 2;
    int32_t best = INT32_MIN;
    for (int32_t x = 0; x < w->pool_w; x++) {
        int32_t acc = 0;
        for (int32_t k = 0; k < taps; k++)
            acc += weight[k] * in[x * w->stride_w * w->in.channels + k];
        best = oto_max(best, acc);
    }
    return best;
}

/* One pool field of the second convolution; channel n goes to out[at + n * channel_stride].
 * Weights: widened, as oto_dsp_widen_weights leaves them, for pairs of channels. */
OTO_INLINE void oto_front_second(const oto_conv *l, const oto_tile *in, int32_t at,
                                 int32_t channel_stride, void *out) {
    const oto_window *w = &l->window;
    const int32_t step = w->stride_w * w->in.channels * 2;
    const int32_t words = OTO_CEIL_DIV(w->kernel_w * w->in.channels, 2);
    const oto_stage *s = &l->stage;
    if (!OTO_FRONT_PAIRS(w->stride_w, w->in.channels)) {
        /* Rare enough to go without pairs. */
        for (int32_t n = 0; n < w->out.channels; n++)
            oto_conv_store(s, oto_front_dsp_field(l, in, n), n, at + n * channel_stride, out);
        return;
    }
    int32_t acc[OTO_FRONT_DSP_CHUNK * 2];
    for (int32_t n = 0; n < w->out.channels; n += 2) {
        const uint32_t *weight = (const uint32_t *)l->weight + n * words;
        const uint32_t *loop_end = weight + words / 2 / OTO_DSP_UNROLL * OTO_DSP_UNROLL * 4;
        int32_t best0 = INT32_MIN, best1 = INT32_MIN;
        for (int32_t x0 = 0; x0 < w->pool_w; x0 += OTO_FRONT_DSP_CHUNK) {
            const int32_t count = oto_min(OTO_FRONT_DSP_CHUNK, w->pool_w - x0);
            int32_t *end = acc + OTO_CEIL_DIV(count, OTO_DSP_BLOCK) * OTO_DSP_BLOCK * 2;
            oto_dsp_row row = {(const uint8_t *)in + x0 * step,
                               weight,
                               acc,
                               end,
                               weight + words * 2,
                               loop_end,
                               loop_end,
                               {0, 0, 0, 0, 0, 0}};
            l->loops->positions(&row);
            for (int32_t x = 0; x < count; x++) {
                best0 = oto_max(best0, acc[2 * x]);
                best1 = oto_max(best1, acc[2 * x + 1]);
            }
        }
        oto_conv_store(s, best0, n, at + n * channel_stride, out);
        if (n + 1 < w->out.channels)
            oto_conv_store(s, best1, n + 1, at + (n + 1) * channel_stride, out);
    }
}

#endif
