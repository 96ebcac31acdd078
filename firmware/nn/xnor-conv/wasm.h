/* Differing bits by WebAssembly SIMD. The lanes of a vector are four output channels, so that a
 * word of the patch meets four words of weights at once and nothing has to be summed across lanes.
 * Weights: [channel / 4][word][4], zero where a group is not full. */
#ifndef OTO_XNOR_CONV_WASM_H
#define OTO_XNOR_CONV_WASM_H

#include <wasm_simd128.h>

#include "../common/output_stage.h"

#define OTO_XNOR_PATCH_WORDS(words) (words)

/* Words whose ones a byte can hold. */
#define OTO_XNOR_WASM_RUN 31
/* Groups of four channels that share the load of a word. */
#define OTO_XNOR_WASM_GROUPS 4

OTO_INLINE void oto_xnor_prepare(uint32_t *patch, int32_t words) {
    (void)patch;
    (void)words;
}

/* Differing bits of `groups` groups of four channels. */
OTO_INLINE void oto_xnor_wasm_count(const uint32_t *patch, const uint32_t *weight, int32_t stride,
                                    int32_t words, int32_t groups, v128_t *counts) {
    for (int32_t g = 0; g < groups; g++)
        counts[g] = wasm_i32x4_const_splat(0);
    for (int32_t from = 0; from < words; from += OTO_XNOR_WASM_RUN) {
        const int32_t to = oto_min(words, from + OTO_XNOR_WASM_RUN);
        v128_t bytes[OTO_XNOR_WASM_GROUPS];
        for (int32_t g = 0; g < groups; g++)
            bytes[g] = wasm_i32x4_const_splat(0);
        for (int32_t i = from; i < to; i++) {
            const v128_t x = wasm_v128_load32_splat(patch + i);
            for (int32_t g = 0; g < groups; g++) {
                const v128_t w = wasm_v128_load(weight + (g * stride + i) * 4);
                bytes[g] = wasm_i8x16_add(bytes[g], wasm_i8x16_popcnt(wasm_v128_xor(x, w)));
            }
        }
        for (int32_t g = 0; g < groups; g++) {
            const v128_t pairs = wasm_u16x8_extadd_pairwise_u8x16(bytes[g]);
            counts[g] = wasm_i32x4_add(counts[g], wasm_u32x4_extadd_pairwise_u16x8(pairs));
        }
    }
}

/* The groups from channel n on that are counted together. */
OTO_INLINE int32_t oto_xnor_wasm_groups(int32_t channels, int32_t n) {
    return channels - n >= 4 * OTO_XNOR_WASM_GROUPS ? OTO_XNOR_WASM_GROUPS : 1;
}

OTO_INLINE void oto_xnor_wasm_some(const uint32_t *patch, const uint32_t *weight, int32_t stride,
                                   int32_t words, int32_t groups, v128_t *counts) {
    if (groups == OTO_XNOR_WASM_GROUPS)
        oto_xnor_wasm_count(patch, weight, stride, words, OTO_XNOR_WASM_GROUPS, counts);
    else
        oto_xnor_wasm_count(patch, weight, stride, words, 1, counts);
}

/* Output bits of all channels; `stride` is the words of a channel, `first` the patch's first one.
 */
OTO_INLINE void oto_xnor_bits(const oto_xnor *l, const uint32_t *patch, int32_t stride,
                              int32_t first, int32_t words, const int32_t *start, uint32_t *bits) {
    const uint32_t *weight = l->weight;
    const int32_t channels = l->window.out.channels;
    v128_t counts[OTO_XNOR_WASM_GROUPS];
    for (int32_t n = 0; n < OTO_CEIL_DIV(channels, 32); n++)
        bits[n] = 0;
    for (int32_t n = 0; n < channels;) {
        const int32_t groups = oto_xnor_wasm_groups(channels, n);
        oto_xnor_wasm_some(patch, weight + n * stride + first * 4, stride, words, groups, counts);
        for (int32_t g = 0; g < groups; g++, n += 4) {
            const v128_t sum = wasm_i32x4_add(counts[g], wasm_v128_load(start + n));
            const uint32_t used = channels - n >= 4 ? 0xfu : (1u << (channels - n)) - 1u;
            bits[n >> 5] |= ((uint32_t)wasm_i32x4_bitmask(sum) & used) << (n & 31);
        }
    }
}

/* Differing bits of all channels; room for a multiple of four. */
OTO_INLINE void oto_xnor_counts(const oto_xnor *l, const uint32_t *patch, int32_t stride,
                                int32_t first, int32_t words, int32_t *counts) {
    const uint32_t *weight = l->weight;
    const int32_t channels = l->window.out.channels;
    v128_t some[OTO_XNOR_WASM_GROUPS];
    for (int32_t n = 0; n < channels;) {
        const int32_t groups = oto_xnor_wasm_groups(channels, n);
        oto_xnor_wasm_some(patch, weight + n * stride + first * 4, stride, words, groups, some);
        for (int32_t g = 0; g < groups; g++, n += 4)
            wasm_v128_store(counts + n, some[g]);
    }
}

#endif
