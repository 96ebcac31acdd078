/* Signs of the front end's first convolution on cores with the DSP extension: eight instructions
 * per output of nine taps. */
#ifndef OTO_FUSED_FRONT_END_BITS_DSP_H
#define OTO_FUSED_FRONT_END_BITS_DSP_H

#include <string.h>

#include "bits_plain.h"

/* What the kernel loads into r5 to r12 and lr, and the end it compares with. */
typedef struct {
    uint32_t w[5];
    int32_t start;
    uint32_t bits;
    const int16_t *in;
    uint32_t *out, *end;
} oto_front_bits_slide;

/* One output from ten samples in five registers, which then slide by two registers (four samples).
 */
#define OTO_FRONT_BITS_OUTPUT(x0, x1, x2, x3, x4)                                                  \
    "smlad " x0 ", " x0 ", r5, r10\n"                                                              \
    "smlad " x0 ", " x1 ", r6, " x0 "\n"                                                           \
    "smlad " x0 ", " x2 ", r7, " x0 "\n"                                                           \
    "smlad " x0 ", " x3 ", r8, " x0 "\n"                                                           \
    "smlad " x0 ", " x4 ", r9, " x0 "\n"                                                           \
    "and " x0 ", " x0 ", #0x80000000\n"                                                            \
    "orr r11, " x0 ", r11, lsr #1\n"
#define OTO_FRONT_BITS_NEXT(x0, x1)                                                                \
    "ldrd " x0 ", " x1 ", [r12, #oto_at]\n"                                                        \
    ".set oto_at, oto_at + 8\n"
#define OTO_FRONT_BITS_FIVE                                                                        \
    OTO_FRONT_BITS_OUTPUT("r0", "r1", "r2", "r3", "r4")                                            \
    OTO_FRONT_BITS_NEXT("r0", "r1")                                                                \
    OTO_FRONT_BITS_OUTPUT("r2", "r3", "r4", "r0", "r1")                                            \
    OTO_FRONT_BITS_NEXT("r2", "r3")                                                                \
    OTO_FRONT_BITS_OUTPUT("r4", "r0", "r1", "r2", "r3")                                            \
    OTO_FRONT_BITS_NEXT("r4", "r0")                                                                \
    OTO_FRONT_BITS_OUTPUT("r1", "r2", "r3", "r4", "r0")                                            \
    OTO_FRONT_BITS_NEXT("r1", "r2")                                                                \
    OTO_FRONT_BITS_OUTPUT("r3", "r4", "r0", "r1", "r2")                                            \
    OTO_FRONT_BITS_NEXT("r3", "r4")

OTO_INLINE void oto_front_bits_nine_taps(const oto_front_bits_slide *slide) {
    register const oto_front_bits_slide *r0 __asm__("r0") = slide;
    __asm__ volatile("ldr r1, [r0, #36]\n"
                     "push {r1, r2}\n"
                     "ldm r0, {r5, r6, r7, r8, r9, r10, r11, r12, lr}\n"
                     "1:\n"
                     "ldm r12, {r0, r1, r2, r3, r4}\n"
                     ".set oto_at, 20\n"
                     ".rept 6\n" OTO_FRONT_BITS_FIVE ".endr\n" //
                     OTO_FRONT_BITS_OUTPUT("r0", "r1", "r2", "r3", "r4")
                         OTO_FRONT_BITS_NEXT("r0", "r1")
                             OTO_FRONT_BITS_OUTPUT("r2", "r3", "r4", "r0", "r1") //
                     "str r11, [lr], #4\n"
                     "add r12, r12, #256\n"
                     "ldr r0, [sp]\n"
                     "cmp lr, r0\n"
                     "bne 1b\n"
                     "add sp, sp, #8\n"
                     : "+r"(r0)
                     :
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
                       "lr", "cc", "memory");
}

/* As oto_front_bits_first_plain. Every fourth sample begins an output in a front end of two strides
 * of 2. */
OTO_INLINE void oto_front_bits_first(const oto_conv *l, int32_t n, const int16_t *samples,
                                     int32_t stride, int32_t words, uint32_t *plane) {
    const int32_t taps = l->window.kernel_w;
    const int16_t *weight = (const int16_t *)l->weight + n * OTO_CEIL_DIV(taps, 2) * 2;
    if (taps == 9 && stride == 4) {
        oto_front_bits_slide slide = {
            .start = l->stage.threshold[n], .in = samples, .out = plane, .end = plane + words};
        memcpy(slide.w, weight, sizeof slide.w);
        oto_front_bits_nine_taps(&slide);
        return;
    }
    oto_front_bits_first_plain(l, n, samples, stride, words, plane);
}

/* As oto_front_bits_phase_plain. */
OTO_INLINE void oto_front_bits_phase(const oto_conv *l, const int16_t *samples, int32_t stride,
                                     int32_t words, uint32_t *planes, int32_t plane) {
    for (int32_t n = 0; n < l->window.out.channels; n++)
        oto_front_bits_first(l, n, samples, stride, words, planes + n * plane);
}

#endif
