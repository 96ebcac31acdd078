/* Sizes of a patch of signs and of a channel's weights (patch.h says their order). */
#ifndef OTO_XNOR_CONV_SIZES_H
#define OTO_XNOR_CONV_SIZES_H

#include "../common/types.h"

#define OTO_XNOR_BY_ROWS(in_channels) ((in_channels) % 32 == 0)
/* Words of one channel's weights before a target's own padding. */
#define OTO_XNOR_WORDS(taps, in_channels) OTO_CEIL_DIV((taps) * (in_channels), 32)

/* Rows can be skipped where they are whole triples of words, which is how kernels count
 * (dsp_loops.h), and where few enough lengths remain to make a kernel for each: three,
 * two or one row of three. */
#define OTO_XNOR_SKIPS(kernel_h, kernel_w, in_channels)                                            \
    (OTO_XNOR_BY_ROWS(in_channels) && (kernel_h) == 3 && (kernel_w) * ((in_channels) / 32) % 3 == 0)

#endif
