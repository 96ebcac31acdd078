/* Differing bits by the compiler's popcount: the portable reference. Weights: [n][words]. */
#ifndef OTO_XNOR_CONV_PORTABLE_H
#define OTO_XNOR_CONV_PORTABLE_H

#include "../common/types.h"

#define OTO_XNOR_PATCH_WORDS(words) (words)

/* The patch as the kernels below read it (other targets recode it). */
OTO_INLINE void oto_xnor_prepare(uint32_t *patch, int32_t words) {
    (void)patch;
    (void)words;
}

OTO_INLINE int32_t oto_xnor_count(const uint32_t *patch, const uint32_t *weight, int32_t words) {
    int32_t count = 0;
    for (int32_t i = 0; i < words; i++)
        count += oto_ones(patch[i] ^ weight[i]);
    return count;
}

/* Output bits of all channels; `stride` is the words of a channel, `first` the patch's first one.
 */
OTO_INLINE void oto_xnor_bits(const oto_xnor *l, const uint32_t *patch, int32_t stride,
                              int32_t first, int32_t words, const int32_t *start, uint32_t *bits) {
    const uint32_t *weight = l->weight;
    const int32_t channels = l->window.out.channels;
    for (int32_t n = 0; n < channels; n++) {
        const int32_t s = start[n] + oto_xnor_count(patch, weight + n * stride + first, words);
        if ((n & 31) == 0)
            bits[n >> 5] = 0;
        bits[n >> 5] |= (uint32_t)(s < 0) << (n & 31);
    }
}

/* Differing bits of all channels. */
OTO_INLINE void oto_xnor_counts(const oto_xnor *l, const uint32_t *patch, int32_t stride,
                                int32_t first, int32_t words, int32_t *counts) {
    const uint32_t *weight = l->weight;
    const int32_t channels = l->window.out.channels;
    for (int32_t n = 0; n < channels; n++)
        counts[n] = oto_xnor_count(patch, weight + n * stride + first, words);
}

#endif
