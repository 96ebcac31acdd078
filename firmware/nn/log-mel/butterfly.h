/* What a stage of the transform does with two numbers. */
#ifndef OTO_LOG_MEL_BUTTERFLY_H
#define OTO_LOG_MEL_BUTTERFLY_H

#include "../common/fixed_point.h"

typedef struct {
    int32_t re, im;
} oto_complex;

/* a, b -> (a >> shift) + t, (a >> shift) - t */
OTO_INLINE void oto_meet(oto_complex *a, oto_complex *b, int32_t re, int32_t im,
                         const int32_t shift) {
    b->re = (a->re >> shift) - re;
    b->im = (a->im >> shift) - im;
    a->re = (a->re >> shift) + re;
    a->im = (a->im >> shift) + im;
}

/* The same with t the product of b and w. */
OTO_INLINE void oto_butterfly(oto_complex *a, oto_complex *b, const int32_t *w,
                              const int32_t shift) {
    const int32_t re = oto_top_subtract(oto_top(b->re, w[0]), b->im, w[1]);
    const int32_t im = oto_top_add(oto_top(b->re, w[1]), b->im, w[0]);
    oto_meet(a, b, re, im, shift);
}

/* The same with -i * w. */
OTO_INLINE void oto_butterfly_turned(oto_complex *a, oto_complex *b, const int32_t *w,
                                     const int32_t shift) {
    const int32_t re = oto_top_add(oto_top(b->re, w[1]), b->im, w[0]);
    const int32_t im = oto_top_subtract(oto_top(b->im, w[1]), b->re, w[0]);
    oto_meet(a, b, re, im, shift);
}

#endif
