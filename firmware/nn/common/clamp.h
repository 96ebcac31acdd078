/* The smaller and the larger of two numbers, and a number within limits. */
#ifndef OTO_COMMON_CLAMP_H
#define OTO_COMMON_CLAMP_H

#include "types.h"

OTO_INLINE int32_t oto_min(int32_t a, int32_t b) {
    return a < b ? a : b;
}
OTO_INLINE int32_t oto_max(int32_t a, int32_t b) {
    return a > b ? a : b;
}
OTO_INLINE int32_t oto_clamp(int32_t v, int32_t lo, int32_t hi) {
    return oto_min(oto_max(v, lo), hi);
}

#endif
