/* Sizes of a convolution's tile, weights and scratch on cores with the DSP extension (dsp.h). */
#ifndef OTO_CONV_DSP_SIZES_H
#define OTO_CONV_DSP_SIZES_H

#include "../common/types.h"

/* Words of a tile row that one position and kernel row read; half-steps are words. */
#define OTO_DSP_PADDED(channels, stride)                                                           \
    ((channels) == 1 ? 2 : (channels) * (stride) % 2 == 0 ? (channels) : (channels) + 1)
#define OTO_DSP_ROW_WORDS(kernel_w, channels, stride)                                              \
    ((channels) == 1 ? ((kernel_w) > 2 ? (kernel_w)-1 : 1)                                         \
                     : OTO_CEIL_DIV((kernel_w)*OTO_DSP_PADDED(channels, stride), 2))
/* Bytes from one position to the next. */
#define OTO_DSP_STEP(channels, stride) ((stride)*OTO_DSP_PADDED(channels, stride) * 2)
#define OTO_DSP_BLOCK 3 /* positions */
/* Steps of two words that are unrolled, and how often they fit in a row of many. */
#define OTO_DSP_UNROLL 8
#define OTO_DSP_LOOPS(words) ((words) / 2 / OTO_DSP_UNROLL >= 2 ? (words) / 2 / OTO_DSP_UNROLL : 0)

/* Positions of an output row in whole blocks, and what its tile holds of an input row: a single
 * channel's words overlap, and its last word of a position is one before the kernel's end. */
#define OTO_DSP_POSITIONS(out_w, pool_w)                                                           \
    (OTO_CEIL_DIV((out_w) * (pool_w), OTO_DSP_BLOCK) * OTO_DSP_BLOCK)
#define OTO_DSP_TILE_WIDTH(channels, out_w, kernel_w, stride_w, pool_w)                            \
    ((OTO_DSP_POSITIONS(out_w, pool_w) - 1) * (stride_w) + (kernel_w) + ((channels) == 1 ? 1 : 0))
#define OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w)                             \
    (OTO_CEIL_DIV(OTO_DSP_TILE_WIDTH(channels, out_w, kernel_w, stride_w, pool_w) *                \
                      OTO_DSP_PADDED(channels, stride_w),                                          \
                  2) *                                                                             \
     4)
/* Bytes of an input row beyond what a position reads of it. */
#define OTO_DSP_SKIP(channels, out_w, kernel_h, kernel_w, stride_w, pool_w)                        \
    ((kernel_h) > 1 ? OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w) -             \
                          OTO_DSP_ROW_WORDS(kernel_w, channels, stride_w) * 4                      \
                    : 0)
/* Input rows that `stripe` output rows read. */
#define OTO_DSP_ROWS(stripe, kernel_h, stride_h, pool_h)                                           \
    (((stripe) * (pool_h)-1) * (stride_h) + (kernel_h))
/* An LDRD reaches the block's last position, and the tile of one output row is of a reasonable
 * size. */
#define OTO_DSP_FITS(channels, stride_w, rows, row_bytes)                                          \
    (2 * OTO_DSP_STEP(channels, stride_w) <= 1020 && (rows) * (row_bytes) <= 32768)

/* Bytes of scratch that a convolution takes: tile, widened weights, accumulators. */
#define OTO_DSP_SCRATCH(rows, row_bytes, kernel_h, words, pool_h, positions)                       \
    ((rows) * (row_bytes) + (kernel_h) * (words)*8 + (pool_h) * (positions)*8)
#define OTO_CONV_SCRATCH(channels, size, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w,     \
                         pool_h, pool_w, stripe)                                                   \
    (OTO_DSP_FITS(channels, stride_w, OTO_DSP_ROWS(1, kernel_h, stride_h, pool_h),                 \
                  OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w))                  \
         ? OTO_DSP_SCRATCH(OTO_DSP_ROWS(stripe, kernel_h, stride_h, pool_h),                       \
                           OTO_DSP_ROW_BYTES(channels, out_w, kernel_w, stride_w, pool_w),         \
                           kernel_h, OTO_DSP_ROW_WORDS(kernel_w, channels, stride_w), pool_h,      \
                           OTO_DSP_POSITIONS(out_w, pool_w))                                       \
         : 0)

OTO_INLINE int32_t oto_dsp_positions_padded(const oto_window *w) {
    return OTO_DSP_POSITIONS(w->out.width, w->pool_w);
}

OTO_INLINE int32_t oto_dsp_tile_positions(const oto_window *w) {
    return OTO_DSP_TILE_WIDTH(w->in.channels, w->out.width, w->kernel_w, w->stride_w, w->pool_w);
}

OTO_INLINE int32_t oto_dsp_row_bytes(const oto_window *w) {
    return OTO_DSP_ROW_BYTES(w->in.channels, w->out.width, w->kernel_w, w->stride_w, w->pool_w);
}

OTO_INLINE bool oto_dsp_fits(const oto_window *w) {
    return OTO_DSP_FITS(w->in.channels, w->stride_w,
                        OTO_DSP_ROWS(1, w->kernel_h, w->stride_h, w->pool_h), oto_dsp_row_bytes(w));
}

#endif
