/* Two stages of the transform at a time, in plain C. */
#ifndef OTO_LOG_MEL_PORTABLE_H
#define OTO_LOG_MEL_PORTABLE_H

#include "butterfly.h"

/* The stages of `half` and 2 * `half`; `shift` is that of the second. Returns the next factors. */
OTO_INLINE const int32_t *oto_transform_two(oto_complex *z, const int32_t size, const int32_t half,
                                            const int32_t *twiddle, const int32_t shift) {
    for (oto_complex *block = z; block < z + size; block += 4 * half) {
        const int32_t *w = twiddle;
        for (oto_complex *at = block; at < block + half; at++, w += 4) {
            oto_complex a = at[0], b = at[half], c = at[2 * half], d = at[3 * half];
            oto_butterfly(&a, &b, w, 1);
            oto_butterfly(&c, &d, w, 1);
            oto_butterfly(&a, &c, w + 2, shift);
            oto_butterfly_turned(&b, &d, w + 2, shift);
            at[0] = a;
            at[half] = b;
            at[2 * half] = c;
            at[3 * half] = d;
        }
    }
    return twiddle + 4 * half;
}

#endif
