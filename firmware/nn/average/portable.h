/* Mean over a map (SPEC.md, "average"). */
#ifndef OTO_AVERAGE_PORTABLE_H
#define OTO_AVERAGE_PORTABLE_H

#include "../common/output_stage.h"

typedef struct {
    oto_shape in;
    int32_t in_zero;
    int32_t multiplier;
    oto_stage stage;
} oto_average;

/* Mean over height and width of an int8 map: -> [channels]. */
OTO_INLINE void oto_average_run(const oto_average *l, const int8_t *in, int8_t *out) {
    const int32_t positions = l->in.height * l->in.width;
    for (int32_t c = 0; c < l->in.channels; c++) {
        int32_t sum = -positions * l->in_zero;
        for (int32_t i = 0; i < positions; i++)
            sum += in[i * l->in.channels + c];
        const int32_t scaled = (int32_t)((uint32_t)sum << l->stage.shift);
        const int32_t v = oto_top(scaled, l->multiplier) + l->stage.zero;
        out[c] = (int8_t)oto_clamp(v, l->stage.min, l->stage.max);
    }
}

#endif
