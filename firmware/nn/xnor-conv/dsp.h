/* Differing bits on cores without a population count (Cortex-M4, M7, M33).
 *
 * Words come in triples. A triple (w0, w1, w2) of weights is stored recoded as (w0^w1^w2, w0^w1,
 * w0^w2), and a patch is recoded likewise once per position. With s, u, v the XORs of the two
 * recoded triples, the three XNOR results' full adder is sum = s, carry = s ^ (u | v): five
 * operations where XOR and adder apart take eight. Sums and carries of three triples (288 bits) are
 * then counted in fields of 2, 4 and 8 bits. */
#ifndef OTO_XNOR_CONV_DSP_H
#define OTO_XNOR_CONV_DSP_H

#include "dsp_loops.h"
#include "sizes.h"

#define OTO_XNOR_PATCH_WORDS(words) (OTO_CEIL_DIV(words, 3) * 3)

/* Loops for all words of a patch, and for two rows or one of a kernel of three at a border. */
struct oto_xnor_loops {
    oto_xnor_to_bits *bits[3];
    oto_xnor_to_counts *counts[3];
};

#define OTO_XNOR_LOOPS(name, to_bits, kernel_h, kernel_w, in_channels)                             \
    OTO_XNOR_LOOPS_FOR(name,                                                                       \
                       OTO_XNOR_PATCH_WORDS(OTO_XNOR_WORDS((kernel_h) * (kernel_w), in_channels)), \
                       OTO_XNOR_SKIPS(kernel_h, kernel_w, in_channels))
#define OTO_XNOR_LOOPS_FOR(name, words, skips)                                                     \
    OTO_XNOR_LOOPS_OF(name##_rows3, 1, words, 0)                                                   \
    OTO_XNOR_LOOPS_OF(name##_rows2, skips, (words) / 3 * 2, (words) / 3 * 4)                       \
    OTO_XNOR_LOOPS_OF(name##_rows1, skips, (words) / 3, (words) / 3 * 8)                           \
    static const oto_xnor_loops name##_loops = {                                                   \
        {name##_rows3_to_bits, name##_rows2_to_bits, name##_rows1_to_bits},                        \
        {name##_rows3_to_counts, name##_rows2_to_counts, name##_rows1_to_counts}}

/* Recodes a patch in place; fills it up to a whole triple. */
OTO_INLINE void oto_xnor_prepare(uint32_t *patch, int32_t words) {
    for (int32_t i = words; i < OTO_XNOR_PATCH_WORDS(words); i++)
        patch[i] = 0;
    for (int32_t i = 0; i < words; i += 3) {
        const uint32_t a = patch[i], u = a ^ patch[i + 1], v = a ^ patch[i + 2];
        patch[i] = u ^ patch[i + 2];
        patch[i + 1] = u;
        patch[i + 2] = v;
    }
}

/* Output bits of all channels; `stride` is the words of a channel, `first` the patch's first one.
 */
OTO_INLINE void oto_xnor_bits(const oto_xnor *l, const uint32_t *patch, int32_t stride,
                              int32_t first, int32_t words, const int32_t *start, uint32_t *bits) {
    const int32_t channels = l->window.out.channels;
    for (int32_t n = 0; n < channels; n += 32) {
        const int32_t some = channels - n < 32 ? channels - n : 32;
        const uint32_t *w = l->weight + n * stride + first;
        const uint32_t mark = 1u << (some - 1);
        if (words == stride)
            bits[n / 32] = l->loops->bits[0](w, patch, start + n, mark) >> (32 - some);
        else if (words * 3 == stride * 2)
            bits[n / 32] = l->loops->bits[1](w, patch, start + n, mark) >> (32 - some);
        else
            bits[n / 32] = l->loops->bits[2](w, patch, start + n, mark) >> (32 - some);
    }
}

/* Differing bits of all channels. */
OTO_INLINE void oto_xnor_counts(const oto_xnor *l, const uint32_t *patch, int32_t stride,
                                int32_t first, int32_t words, int32_t *counts) {
    const int32_t *end = counts + l->window.out.channels;
    const uint32_t *w = l->weight + first;
    if (words == stride)
        l->loops->counts[0](w, patch, counts, end);
    else if (words * 3 == stride * 2)
        l->loops->counts[1](w, patch, counts, end);
    else
        l->loops->counts[2](w, patch, counts, end);
}

#endif
