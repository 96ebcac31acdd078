/* The streaming front end on MVE: kernels that keep their weights in registers while the positions
 * pass, for the shapes of ACDNet; anything else runs on what conv_mve.h has. */
#ifndef OTO_FUSED_FRONT_END_REAL_MVE_H
#define OTO_FUSED_FRONT_END_REAL_MVE_H

#include "../conv/mve.h"

/* Where a channel's `vector`-th vector of weights lies among those of `channels` channels. */
OTO_INLINE const uint8_t *oto_mve_weight(const oto_conv *l, int32_t vectors, int32_t n,
                                         int32_t vector) {
    const int32_t first = n / 4 * 4, group = oto_min(4, l->window.out.channels - first);
    return (const uint8_t *)l->weight + (first * vectors + vector * group + n - first) * 16;
}

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
            const oto_mve_pair d =
                oto_mve_dot_pair(a, b, (const uint8_t *)l->weight + n * vectors * 16,
                                 OTO_FROM_INT16, group, vectors);
            oto_mve_store_int8(&l->stage, d.a, n, group, out + x * channels + n);
            if (!last)
                oto_mve_store_int8(&l->stage, d.b, n, group, out + (x + 1) * channels + n);
        }
    }
}

/* Nine taps: eight from a vector, the ninth begins the sum. Four channels at `count` positions;
 * lanes without a channel are written too, so groups run from the last to the first. */
OTO_INLINE void oto_mve_first_nine(const oto_conv *l, int32_t n, const int16_t *samples,
                                   int32_t count, oto_tile *out) {
    const oto_window *w = &l->window;
    const oto_stage *s = &l->stage;
    const int32_t group = oto_min(4, w->out.channels - n);
    int16x8_t weight[4];
    uint32_t ninth[4];
    for (int32_t i = 0; i < 4; i++) {
        const int32_t c = n + oto_min(i, group - 1);
        weight[i] = vldrhq_s16((const int16_t *)(const void *)oto_mve_weight(l, 2, c, 0));
        ninth[i] = *(const uint16_t *)(const void *)oto_mve_weight(l, 2, c, 1);
    }
    const int32x4_t bias = oto_mve_load4(s->bias + n, group);
    const int32x4_t multiplier = oto_mve_load4(s->multiplier + n, group);
    int32x4_t acc;
    int16x8_t x;
    register const int16_t *r1 __asm__("r1") = samples;
    register oto_tile *r5 __asm__("r5") = out + n;
    register uint32_t r8 __asm__("r8") = ninth[0] | ninth[1] << 16;
    register uint32_t r10 __asm__("r10") = ninth[2] | ninth[3] << 16;
    register int32_t r12 __asm__("r12") = s->zero;
    register int32_t lr __asm__("lr") = count;
    __asm__ volatile("dls lr, lr\n\t"
                     "1:\n\t"
                     "ldrsh r3, [%[from], #16]\n\t"
                     "vldrh.16 %q[x], [%[from]], %[step]\n\t"
                     "smulbb r0, r3, %[w01]\n\t"
                     "smulbt r2, r3, %[w01]\n\t"
                     "smulbb r4, r3, %[w23]\n\t"
                     "smulbt r6, r3, %[w23]\n\t"
                     "vmladava.s16 r0, %q[x], %q[a]\n\t"
                     "vmladava.s16 r2, %q[x], %q[b]\n\t"
                     "vmladava.s16 r4, %q[x], %q[c]\n\t"
                     "vmladava.s16 r6, %q[x], %q[d]\n\t"
                     "vmov %q[acc][2], %q[acc][0], r0, r4\n\t"
                     "vmov %q[acc][3], %q[acc][1], r2, r6\n\t"
                     ".if %c[shift]\n\t"
                     "vshl.i32 %q[acc], %q[acc], %[shift]\n\t"
                     ".endif\n\t"
                     "vadd.i32 %q[acc], %q[acc], %q[bias]\n\t"
                     "vrmulh.s32 %q[acc], %q[acc], %q[multiplier]\n\t"
                     "vadd.i32 %q[acc], %q[acc], %[zero]\n\t"
                     "vqmovnb.s32 %q[acc], %q[acc]\n\t"
                     "vqmovnb.s16 %q[acc], %q[acc]\n\t"
                     "vstrb.32 %q[acc], [%[to]], %[channels]\n\t"
                     "le lr, 1b\n\t"
                     : [acc] "=&w"(acc), [x] "=&w"(x), [from] "+r"(r1), [to] "+r"(r5), "+r"(lr)
                     : [a] "w"(weight[0]), [b] "w"(weight[1]), [c] "w"(weight[2]),
                       [d] "w"(weight[3]), [bias] "w"(bias), [multiplier] "w"(multiplier),
                       [w01] "r"(r8), [w23] "r"(r10), [zero] "r"(r12), [shift] "i"(s->shift),
                       [step] "i"(w->stride_w * 2), [channels] "i"(w->out.channels)
                     : "r0", "r2", "r3", "r4", "r6", "memory");
}

/* `count` outputs from samples on: int8, [position][channel]. */
OTO_INLINE void oto_front_first(const oto_conv *l, const int16_t *samples, int32_t count,
                                oto_tile *out) {
    const oto_window *w = &l->window;
    const oto_stage *s = &l->stage;
    const bool fits = w->kernel_w == 9 && w->stride_w <= 127 && w->out.channels <= 127 &&
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
            const oto_mve_pair d = oto_mve_dot_pair(a, x + 1 == w->pool_w ? a : a + step, weight,
                                                    OTO_FROM_INT8, group, vectors);
            best = vmaxq_s32(best, vmaxq_s32(d.a, d.b));
        }
        int32_t lanes[4];
        vst1q_s32(lanes, oto_mve_requantize(&l->stage, best, n, group));
        for (int32_t i = 0; i < group; i++)
            ((int8_t *)out)[at + (n + i) * channel_stride] = (int8_t)lanes[i];
    }
}

/* Two positions of two channels, whose weights stay in registers: `vectors` is at most 3. The
 * largest accumulators: channel a in lanes 0 and 2, channel b in 1 and 3. */
#define OTO_MVE_KEPT(OP, A, B, p, q)                                                               \
    OP " " p ", %q[x], %q[" A "]\n\t" OP " " q ", %q[x], %q[" B "]\n\t"
#define OTO_MVE_KEPT_MORE(at, p, q)                                                                \
    ".if %c[vectors] > 1\n\tvldrb.8 %q[x], [%[from], " at " + 16]\n\t" OTO_MVE_KEPT(               \
        "vmladava.s8", "a1", "b1", p, q) ".endif\n\t"                                              \
                                         ".if %c[vectors] > 2\n\tvldrb.8 %q[x], [%[from], " at     \
                                         " + 32]\n\t" OTO_MVE_KEPT("vmladava.s8", "a2", "b2", p,   \
                                                                   q) ".endif\n\t"

OTO_INLINE int32x4_t oto_mve_second_pair(const oto_conv *l, int32_t a, int32_t b,
                                         const oto_tile *in) {
    const oto_window *w = &l->window;
    const int32_t step = w->stride_w * w->in.channels;
    const int32_t vectors = OTO_CEIL_DIV(w->kernel_w * w->in.channels, 16);
    int8x16_t wa[3], wb[3];
    for (int32_t v = 0; v < 3; v++) {
        const int32_t at = oto_min(v, vectors - 1);
        wa[v] = vldrbq_s8((const int8_t *)oto_mve_weight(l, vectors, a, at));
        wb[v] = vldrbq_s8((const int8_t *)oto_mve_weight(l, vectors, b, at));
    }
    int32x4_t best = vdupq_n_s32(INT32_MIN);
    int8x16_t x;
    register const oto_tile *r1 __asm__("r1") = in - 2 * step;
    register int32_t lr __asm__("lr") = w->pool_w / 2;
    __asm__ volatile(
        "dls lr, lr\n\t"
        "1:\n\t"
        "vldrb.8 %q[x], [%[from], #2 * %c[step]]!\n\t" OTO_MVE_KEPT("vmladav.s8", "a0", "b0", "r0",
                                                                    "r2")
            OTO_MVE_KEPT_MORE(
                "#0", "r0", "r2") "vldrb.8 %q[x], [%[from], %[step]]\n\t" OTO_MVE_KEPT("vmladav.s8",
                                                                                       "a0", "b0",
                                                                                       "r4", "r6")
                OTO_MVE_KEPT_MORE("#%c[step]", "r4", "r6") "vmov %q[x][2], %q[x][0], r0, r4\n\t"
                                                           "vmov %q[x][3], %q[x][1], r2, r6\n\t"
                                                           "vmax.s32 %q[best], %q[best], %q[x]\n\t"
                                                           "le lr, 1b\n\t"
        : [best] "+w"(best), [x] "=&w"(x), [from] "+r"(r1), "+r"(lr)
        : [a0] "w"(wa[0]), [a1] "w"(wa[1]), [a2] "w"(wa[2]), [b0] "w"(wb[0]), [b1] "w"(wb[1]),
          [b2] "w"(wb[2]), [vectors] "i"(vectors), [step] "i"(step)
        : "r0", "r2", "r4", "r6", "memory");
    return best;
}

/* One pool field of the second convolution; channel n goes to out[at + n * channel_stride]. */
OTO_INLINE void oto_front_second(const oto_conv *l, const oto_tile *in, int32_t at,
                                 int32_t channel_stride, void *out) {
    const oto_window *w = &l->window;
    const int32_t step = w->stride_w * w->in.channels, channels = w->out.channels;
    const bool fits = w->kernel_w * w->in.channels <= 48 && step <= 63 && w->pool_w % 2 == 0;
    if (!fits) {
        oto_mve_second_groups(l, in, at, channel_stride, out);
        return;
    }
    for (int32_t n = 0; n < channels; n += 2) {
        const int32_t next = oto_min(n + 1, channels - 1);
        int32_t lanes[4];
        vst1q_s32(lanes, oto_mve_second_pair(l, n, next, in));
        int8_t *to = (int8_t *)out + at + n * channel_stride;
        *to = (int8_t)oto_requantize(&l->stage, oto_max(lanes[0], lanes[2]), n);
        if (next > n)
            to[channel_stride] =
                (int8_t)oto_requantize(&l->stage, oto_max(lanes[1], lanes[3]), next);
    }
}

#endif
