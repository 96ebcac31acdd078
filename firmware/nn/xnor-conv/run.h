/* One binary convolution over a map, position by position (position.h). */
#ifndef OTO_XNOR_CONV_RUN_H
#define OTO_XNOR_CONV_RUN_H

#include "position.h"

/* Bytes of scratch that a layer takes. */
#define OTO_XNOR_RUN_SCRATCH(in_channels, out_w, out_channels, kernel_h, kernel_w, stride_w,       \
                             pool_w)                                                               \
    OTO_XNOR_SCRATCH((kernel_h) * (kernel_w), in_channels, out_channels)

/* in: rows of signs; shortcut: int16 stream [conv height][shortcut_width][shortcut channels] or
 * NULL; out: pooled map. `out` may overlap `shortcut` as the compiler's planner allows. */
OTO_INLINE void oto_xnor_run(const oto_xnor *l, const uint32_t *in, const int16_t *shortcut,
                             int32_t shortcut_width, void *out, void *scratch) {
    const oto_window *w = &l->window;
    oto_xnor_pass pass = oto_xnor_begin(l, in, shortcut, shortcut_width, out, scratch);
    for (int32_t y = 0; y < w->out.height * w->pool_h; y++)
        for (int32_t x = 0; x < w->out.width * w->pool_w; x++)
            oto_xnor_position(l, &pass, y, x);
}

#endif
