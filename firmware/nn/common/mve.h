/* What the MVE kernels share: how loops are unrolled, and copies. */
#ifndef OTO_COMMON_MVE_H
#define OTO_COMMON_MVE_H

#include <arm_mve.h>
#include <string.h>

#include "types.h"

/* Vectors of a patch after the first: `loops` times `OTO_MVE_UNROLL`, then the rest. */
#define OTO_MVE_UNROLL 6
#define OTO_MVE_LOOPS(vectors) ((vectors) <= 10 ? 0 : ((vectors)-1) / OTO_MVE_UNROLL)

/* Copies `bytes` (a constant), reading none beyond them but perhaps writing up to 15 more. */
OTO_INLINE void oto_mve_copy(uint8_t *to, const uint8_t *from, int32_t bytes) {
    if (bytes <= 4) {
        memcpy(to, from, (size_t)bytes);
        return;
    }
    for (int32_t i = 0; i < bytes / 16; i++)
        vstrbq_u8(to + 16 * i, vldrbq_u8(from + 16 * i));
    if (bytes % 16 != 0)
        vstrbq_u8(to + bytes / 16 * 16,
                  vldrbq_z_u8(from + bytes / 16 * 16, vctp8q((uint32_t)(bytes % 16))));
}

#endif
