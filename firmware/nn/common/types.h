/* Layers as the compiler describes them. Every field is a compile-time constant of a generated
 * model, so the inlined kernels below fold them away. Semantics: firmware/SPEC.md. */
#ifndef OTO_COMMON_TYPES_H
#define OTO_COMMON_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

typedef struct {
    int32_t height, width, channels;
} oto_shape;

/* Where a convolution looks. `out` is the pooled map; rows and columns a pool drops are not
 * computed. */
typedef struct {
    oto_shape in, out;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t pad_top, pad_left;
    int32_t pool_h, pool_w;
} oto_window;

typedef enum {
    OTO_TO_INT8,
    OTO_TO_INT16,
    OTO_TO_BITS,
    OTO_TO_RESIDUAL,
    OTO_TO_SCORES,
} oto_stage_kind;

/* What turns accumulators into a map. Unused fields are zero. */
typedef struct {
    oto_stage_kind kind;
    int32_t shift;
    int32_t zero, min, max;
    const int32_t *bias;         /* [channels] */
    const int32_t *multiplier;   /* [channels], int8 and int16 */
    const int32_t *threshold;    /* [channels], bits */
    const int16_t *multiplier16; /* [channels], residual */
    const int16_t *slope;        /* [channels], residual, Q15 */
    int32_t shortcut_channels;   /* residual */
} oto_stage;

typedef enum { OTO_FROM_INT8, OTO_FROM_INT16 } oto_source;

/* Hot loops that a set of kernels makes for one shape (OTO_CONV_LOOPS, OTO_XNOR_LOOPS ...). */
typedef struct oto_conv_loops oto_conv_loops;
typedef struct oto_xnor_loops oto_xnor_loops;

/* Convolution with int8 weights, packed as the target's kernel likes them. */
typedef struct {
    oto_window window;
    oto_source source;
    int32_t in_zero;
    int32_t stripe; /* pooled output rows computed from one tile, for kernels that copy input to
                       scratch */
    const void *weight;
    const oto_conv_loops *loops;
    oto_stage stage;
} oto_conv;

/* Convolution of signs. */
typedef struct {
    oto_window window;
    int32_t pad_value;      /* 0, +1 or -1 */
    const uint32_t *weight; /* packed for the target */
    const oto_xnor_loops *loops;
    const uint8_t
        *pad_ones; /* [channels][kernel_h * kernel_w]: ones of each tap, where pad_value is 0 */
    const uint16_t
        *pad_ones16; /* the same where a count exceeds 255; exactly one of the two is set */
    oto_stage stage;
} oto_xnor;

#define OTO_CEIL_DIV(a, b) (((a) + (b)-1) / (b))

/* Words of one row of a map of signs: bits of a row are contiguous, channels innermost, lowest bit
 * first. */
#define OTO_BIT_ROW_WORDS(width, channels) OTO_CEIL_DIV((width) * (channels), 32)

#endif
