/* Fully connected layer (SPEC.md, "dense"). */
#ifndef OTO_DENSE_PORTABLE_H
#define OTO_DENSE_PORTABLE_H

#include "../common/output_stage.h"

typedef struct {
    int32_t inputs, units;
    int32_t in_zero;
    const int8_t *weight; /* [units][inputs] */
    oto_stage stage;
} oto_dense;

/* in: int8 map in memory order; out: int8 [units], or int32 scores. */
OTO_INLINE void oto_dense_run(const oto_dense *l, const int8_t *in, void *out) {
    for (int32_t n = 0; n < l->units; n++) {
        int32_t acc = 0;
        for (int32_t k = 0; k < l->inputs; k++)
            acc += l->weight[n * l->inputs + k] * (in[k] - l->in_zero);
        if (l->stage.kind == OTO_TO_SCORES)
            ((int32_t *)out)[n] = acc + l->stage.bias[n];
        else
            ((int8_t *)out)[n] = (int8_t)oto_requantize(&l->stage, acc, n);
    }
}

#endif
