/* What kernels ask of a compiler: gcc and clang have it, any other C11 compiler makes do for the
 * portable kernels. */
#ifndef OTO_COMMON_COMPILER_H
#define OTO_COMMON_COMPILER_H

#include <stdint.h>

/* A stage must not be analysed through: gcc 12 loses sight of the arena once it has rewritten a
 * store as an offset from two pointers, takes the function for one without effects, and drops the
 * call. */
#if defined(__clang__)
#define OTO_STAGE static __attribute__((noinline))
#elif defined(__GNUC__)
#define OTO_STAGE static __attribute__((noipa))
#else
#define OTO_STAGE static
#endif

#if defined(__GNUC__)
#define OTO_INLINE static inline __attribute__((always_inline))
#define OTO_ALIGN(n) __attribute__((aligned(n)))
#else
#define OTO_INLINE static inline
#define OTO_ALIGN(n)
#endif

/* Zeros before the highest one of a number that is not 0. */
OTO_INLINE int32_t oto_leading_zeros(uint64_t v) {
#if defined(__GNUC__)
    return __builtin_clzll(v);
#else
    int32_t zeros = 0;
    for (; v >> 63 == 0; v <<= 1)
        zeros++;
    return zeros;
#endif
}

OTO_INLINE int32_t oto_ones(uint32_t v) {
#if defined(__GNUC__)
    return __builtin_popcount(v);
#else
    int32_t ones = 0;
    for (; v != 0; v &= v - 1)
        ones++;
    return ones;
#endif
}

#endif
