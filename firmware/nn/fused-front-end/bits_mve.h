/* Signs of a binary front end's first convolution on MVE: four channels at a time, four
 * instructions per output of nine taps. */
#ifndef OTO_FUSED_FRONT_END_BITS_MVE_H
#define OTO_FUSED_FRONT_END_BITS_MVE_H

#include <arm_mve.h>

#include "bits_plain.h"

/* What four channels keep in registers: eight taps, the ninth in pairs, t - 1. */
typedef struct {
    int16x8_t taps[4];
    uint32_t ninth01, ninth23;
    int32x4_t start;
} oto_mve_signs;

OTO_INLINE oto_mve_signs oto_mve_signs_of(const oto_conv *l, int32_t n) {
    const int16_t *weight = (const int16_t *)l->weight;
    oto_mve_signs s;
    uint32_t ninth[4];
    int32_t start[4];
    for (int32_t i = 0; i < 4; i++) {
        const int32_t c = n + i < l->window.out.channels ? n + i : l->window.out.channels - 1;
        s.taps[i] = vldrhq_s16(weight + c * 10);
        ninth[i] = (uint16_t)weight[c * 10 + 8];
        start[i] = l->stage.threshold[c];
    }
    s.ninth01 = ninth[0] | ninth[1] << 16;
    s.ninth23 = ninth[2] | ninth[3] << 16;
    s.start = vldrwq_s32(start);
    return s;
}

/* 32 outputs, the first from `samples` on: a word of signs for each lane. They are taken from the
 * last to the first, so that each moves those before it up. */
OTO_INLINE uint32x4_t oto_mve_signs_word(const oto_mve_signs *s, const int16_t *samples,
                                         const int32_t stride) {
    uint32x4_t bits;
    int32x4_t acc;
    int16x8_t x;
    register const int16_t *r1 __asm__("r1") = samples + 31 * stride;
    register uint32_t r8 __asm__("r8") = s->ninth01;
    register uint32_t r10 __asm__("r10") = s->ninth23;
    register int32_t lr __asm__("lr") = 32;
    __asm__ volatile(
        "dls lr, lr\n\t"
        "1:\n\t"
        "ldrsh r3, [%[from], #16]\n\t"
        "vldrh.16 %q[x], [%[from]], #-%c[step]\n\t"
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
        "vadd.i32 %q[acc], %q[acc], %q[start]\n\t"
        "vshl.i32 %q[bits], %q[bits], #1\n\t"
        "vsri.32 %q[bits], %q[acc], #31\n\t"
        "le lr, 1b\n\t"
        : [bits] "=&w"(bits), [acc] "=&w"(acc), [x] "=&w"(x), [from] "+r"(r1), "+r"(lr)
        : [a] "w"(s->taps[0]), [b] "w"(s->taps[1]), [c] "w"(s->taps[2]), [d] "w"(s->taps[3]),
          [start] "w"(s->start), [w01] "r"(r8), [w23] "r"(r10), [step] "i"(stride * 2)
        : "r0", "r2", "r3", "r4", "r6", "memory");
    return bits;
}

/* As oto_front_bits_phase_plain. */
OTO_INLINE void oto_front_bits_phase(const oto_conv *l, const int16_t *samples,
                                     const int32_t stride, int32_t words, uint32_t *planes,
                                     int32_t plane) {
    const int32_t channels = l->window.out.channels;
    if (l->window.kernel_w != 9 || stride > 127) {
        oto_front_bits_phase_plain(l, samples, stride, words, planes, plane);
        return;
    }
    for (int32_t n = 0; n < channels; n += 4) {
        const oto_mve_signs s = oto_mve_signs_of(l, n);
        for (int32_t i = 0; i < words; i++) {
            uint32_t lanes[4];
            vst1q_u32(lanes, oto_mve_signs_word(&s, samples + i * 32 * stride, stride));
            for (int32_t k = 0; k < 4 && n + k < channels; k++)
                planes[(n + k) * plane + i] = lanes[k];
        }
    }
}

#endif
