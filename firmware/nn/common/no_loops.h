/* Convolutions whose kernels are made for no shape in particular. */
#ifndef OTO_COMMON_NO_LOOPS_H
#define OTO_COMMON_NO_LOOPS_H

#include "types.h"

struct oto_conv_loops {
    char none;
};
struct oto_xnor_loops {
    char none;
};

#define OTO_CONV_LOOPS(name, out_channels, channels, size, out_h, out_w, kernel_h, kernel_w,       \
                       stride_h, stride_w, pool_h, pool_w, stripe)                                 \
    static const oto_conv_loops name##_loops = {0}
#define OTO_FRONT_FIRST_LOOPS(name, kernel_w, stride_w, channels, shift)                           \
    static const oto_conv_loops name##_loops = {0}
#define OTO_FRONT_SECOND_LOOPS(name, kernel_w, stride_w, in_channels, pool_w, channels)            \
    static const oto_conv_loops name##_loops = {0}
#define OTO_FRONT_BITS_LOOPS(name, kernel_w, stride) static const oto_conv_loops name##_loops = {0}
#define OTO_XNOR_LOOPS(name, to_bits, kernel_h, kernel_w, in_channels)                             \
    static const oto_xnor_loops name##_loops = {0}

#endif
