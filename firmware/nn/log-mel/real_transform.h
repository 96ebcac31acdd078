/* Fourier transform of a frame of samples in integers (SPEC.md, "logMel"): as half as many complex
 * numbers, then split into the bins of the real transform. Two stages of radix 2 at a time stay in
 * registers. */
#ifndef OTO_LOG_MEL_REAL_TRANSFORM_H
#define OTO_LOG_MEL_REAL_TRANSFORM_H

#include <string.h>

#include "butterfly.h"

/* Two samples, weighted by the window, as one number. */
OTO_INLINE oto_complex oto_transform_pair(const int16_t *in, const int16_t *window) {
    int32_t x, w;
    memcpy(&x, in, sizeof x);
    memcpy(&w, window, sizeof w);
    return (oto_complex){(int16_t)x * (int16_t)w, (x >> 16) * (w >> 16)};
}

/* Samples in bit-reversed order, and the first two stages, whose factors are 1 and -i. */
OTO_INLINE void oto_transform_begin(const int16_t *in, const int16_t *window, oto_complex *z,
                                    const int32_t size) {
    const int32_t bits = 61 - oto_leading_zeros((uint32_t)size);
    const int32_t half = size / 2; /* samples of a quarter */
    for (uint32_t i = 0; i < (uint32_t)size / 4; i++, z += 4) {
        const uint32_t from = 2 * oto_reverse(i, bits);
        const int16_t *x = in + from, *w = window + from;
        const oto_complex a = oto_transform_pair(x, w);
        const oto_complex b = oto_transform_pair(x + 2 * half, w + 2 * half);
        const oto_complex c = oto_transform_pair(x + half, w + half);
        const oto_complex d = oto_transform_pair(x + 3 * half, w + 3 * half);
        const oto_complex ab = {a.re + b.re, a.im + b.im}, cd = {c.re + d.re, c.im + d.im};
        const oto_complex a_b = {a.re - b.re, a.im - b.im}, c_d = {c.re - d.re, c.im - d.im};
        z[0] = (oto_complex){ab.re + cd.re, ab.im + cd.im};
        z[1] = (oto_complex){a_b.re + c_d.im, a_b.im - c_d.re};
        z[2] = (oto_complex){ab.re - cd.re, ab.im - cd.im};
        z[3] = (oto_complex){a_b.re - c_d.im, a_b.im + c_d.re};
    }
}

/* The last stage alone, where their number is odd. */
OTO_INLINE const int32_t *oto_transform_one(oto_complex *z, const int32_t size, const int32_t *w) {
    const int32_t half = size / 2;
    for (oto_complex *at = z; at < z + half / 2; at++, w += 2) {
        oto_complex a = at[0], b = at[half];
        oto_butterfly(&a, &b, w, 2);
        at[0] = a;
        at[half] = b;
        oto_complex c = at[half / 2], d = at[half / 2 + half];
        oto_butterfly_turned(&c, &d, w, 2);
        at[half / 2] = c;
        at[half / 2 + half] = d;
    }
    return w;
}

/* Numbers of the complex transform -> bins 0 to size of the real one, in place. The sign of the
 * imaginary parts above size / 2 is left as it comes: only powers are asked for. */
OTO_INLINE void oto_transform_split(oto_complex *z, const int32_t size, const int32_t *w) {
    z[size] = z[0];
    oto_complex *low = z, *high = z + size;
    for (; low <= high; low++, high--, w += 2) {
        const oto_complex a = *low, b = *high;
        const int32_t re = (a.re + b.re) >> 7, im = (a.im - b.im) >> 7;
        const int32_t p = a.im + b.im, q = a.re - b.re;
        const int32_t turned_re = oto_top_add(oto_top(p, w[0]), q, w[1]);
        const int32_t turned_im = oto_top_subtract(oto_top(p, w[1]), q, w[0]);
        *high = (oto_complex){re - turned_re, im - turned_im};
        *low = (oto_complex){re + turned_re, im + turned_im};
    }
}

/* in: int16 [frame]; z: [frame / 2 + 1], bins 0 to frame / 2. */
OTO_INLINE void oto_real_transform(const int16_t *in, const int16_t *window, const int32_t *twiddle,
                                   oto_complex *z, const int32_t frame) {
    const int32_t size = frame / 2;
    oto_transform_begin(in, window, z, size);
    twiddle = oto_transform_two(z, size, 4, twiddle, 1);
    if (size >= 64)
        twiddle = oto_transform_two(z, size, 16, twiddle, size == 64 ? 2 : 1);
    if (size >= 256)
        twiddle = oto_transform_two(z, size, 64, twiddle, size == 256 ? 2 : 1);
    if (size == 32 || size == 128 || size == 512)
        twiddle = oto_transform_one(z, size, twiddle);
    oto_transform_split(z, size, twiddle);
}

#endif
