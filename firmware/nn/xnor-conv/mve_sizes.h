/* How MVE kernels cut a patch of signs; bytes unless said otherwise. */
#ifndef OTO_XNOR_CONV_MVE_SIZES_H
#define OTO_XNOR_CONV_MVE_SIZES_H

#include "../conv/mve_sizes.h"

/* Of a column of signs. */
#define OTO_MVE_SIGNS(in_channels, kernel_h) OTO_CEIL_DIV((kernel_h) * (in_channels), 8)

/* Words beyond whole vectors: at most two, where a patch is short enough for registers. */
#define OTO_MVE_TAILS(patch)                                                                       \
    ((patch) / 16 > 0 && (patch) % 16 <= 8 && (patch) / 16 + OTO_CEIL_DIV((patch) % 16, 4) <= 3    \
         ? OTO_CEIL_DIV((patch) % 16, 4)                                                           \
         : 0)
/* Whole vectors, and a partial one that counts as one. */
#define OTO_MVE_VECTORS(patch) (OTO_MVE_TAILS(patch) > 0 ? (patch) / 16 : OTO_CEIL_DIV(patch, 16))
/* Of a partial last vector; 0: it is whole. */
#define OTO_MVE_PART(patch) (OTO_MVE_TAILS(patch) > 0 ? 0 : (patch) % 16)
/* Bits of the last word beyond the vectors that belong to the patch. */
#define OTO_MVE_LAST_BITS(patch)                                                                   \
    (OTO_MVE_TAILS(patch) > 0 ? 32 - (OTO_MVE_TAILS(patch) * 4 - (patch) % 16) * 8 : 32)
/* In registers; otherwise read from memory, padded with zeros to whole vectors. */
#define OTO_MVE_HELD(patch) (OTO_MVE_VECTORS(patch) + OTO_MVE_TAILS(patch) <= 3)

typedef struct {
    int32_t column, columns; /* of a strip: a column's size, their number */
    int32_t patch;
    bool held;
    int32_t vectors;
    int32_t part;
    int32_t group; /* words of a group of four channels */
} oto_mve_cut;

OTO_INLINE oto_mve_cut oto_mve_cut_of(const oto_window *w) {
    oto_mve_cut s;
    s.column = OTO_MVE_SIGNS(w->in.channels, w->kernel_h);
    s.columns = OTO_MVE_COLUMNS(w->out.width, w->kernel_w, w->stride_w, w->pool_w);
    s.patch = w->kernel_w * s.column;
    s.held = OTO_MVE_HELD(s.patch);
    s.vectors = OTO_MVE_VECTORS(s.patch);
    s.part = OTO_MVE_PART(s.patch);
    s.group = 16 * s.vectors + 4 * OTO_MVE_TAILS(s.patch);
    return s;
}

#endif
