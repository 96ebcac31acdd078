/* Sizes of the strips that MVE kernels read (mve.h). */
#ifndef OTO_CONV_MVE_SIZES_H
#define OTO_CONV_MVE_SIZES_H

#include "../common/types.h"

/* Columns of a strip, padding included, and its bytes: a multiple of 16 with room for reading too
 * far. */
#define OTO_MVE_COLUMNS(out_w, kernel_w, stride_w, pool_w)                                         \
    (((out_w) * (pool_w)-1) * (stride_w) + (kernel_w))
#define OTO_MVE_STRIP(columns, column_bytes)                                                       \
    (OTO_CEIL_DIV((columns) * (column_bytes) + 15, 16) * 16)

#endif
