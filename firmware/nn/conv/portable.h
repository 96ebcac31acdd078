/* Convolution on the host and on targets without kernels of their own: the reference. */
#ifndef OTO_CONV_PORTABLE_H
#define OTO_CONV_PORTABLE_H

#include "reference.h"

/* Bytes of scratch that a convolution takes. */
#define OTO_CONV_SCRATCH(channels, size, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w,     \
                         pool_h, pool_w, stripe)                                                   \
    0

OTO_INLINE void oto_conv_run(const oto_conv *l, const void *in, void *out, void *scratch) {
    (void)scratch;
    oto_conv_portable(l, in, out);
}

#endif
