/* Products in fixed point (SPEC.md, "logMel"), an instruction each with the DSP extension. */
#ifndef OTO_PRODUCTS_DSP_H
#define OTO_PRODUCTS_DSP_H

#include "oto_types.h"

/* (a * w + 2^31) >> 32 */
OTO_INLINE int32_t oto_top(int32_t a, int32_t w) {
    int32_t r;
    __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(w));
    return r;
}

/* sum + ((a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_add(int32_t sum, int32_t a, int32_t w) {
    int32_t r;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(w), "r"(sum));
    return r;
}

/* sum + ((-a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_subtract(int32_t sum, int32_t a, int32_t w) {
    int32_t r;
    __asm__("smmlsr %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(w), "r"(sum));
    return r;
}

/* sum + a * w */
OTO_INLINE uint64_t oto_wide_add(uint64_t sum, uint64_t a, uint32_t w) {
    __asm__("umlal %Q0, %R0, %1, %3\n"
            "mla %R0, %2, %3, %R0"
            : "+&r"(sum)
            : "r"((uint32_t)a), "r"((uint32_t)(a >> 32)), "r"(w));
    return sum;
}

/* The lowest `bits` of v in reverse. */
OTO_INLINE uint32_t oto_reverse(uint32_t v, const int32_t bits) {
    uint32_t r;
    __asm__("rbit %0, %1" : "=r"(r) : "r"(v));
    return r >> (32 - bits);
}

#endif
