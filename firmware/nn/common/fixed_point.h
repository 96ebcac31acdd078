/* Fixed-point arithmetic that a set of kernels brings (fixed_point_portable.h, fixed_point_dsp.h).
 */
#ifndef OTO_COMMON_FIXED_POINT_H
#define OTO_COMMON_FIXED_POINT_H

#include "clamp.h"

/* (a * w + 2^31) >> 32 */
OTO_INLINE int32_t oto_top(int32_t a, int32_t w);

/* sum + ((a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_add(int32_t sum, int32_t a, int32_t w);

/* sum + ((-a * w + 2^31) >> 32) */
OTO_INLINE int32_t oto_top_subtract(int32_t sum, int32_t a, int32_t w);

/* sum + a * w */
OTO_INLINE uint64_t oto_wide_add(uint64_t sum, uint64_t a, uint32_t w);

/* The lowest `bits` of v, at most 8, in reverse. */
OTO_INLINE uint32_t oto_reverse(uint32_t v, int32_t bits);

/* v + zero within the limits of an output stage. */
OTO_INLINE int32_t oto_limit(const oto_stage *s, int32_t v);

OTO_INLINE int32_t oto_saturate_int16(int32_t v);

#endif
