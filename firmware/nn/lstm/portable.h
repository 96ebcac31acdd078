/* Recurrent layer in integers (SPEC.md, "lstm"). */
#ifndef OTO_LSTM_PORTABLE_H
#define OTO_LSTM_PORTABLE_H

#include "../common/output_stage.h"

typedef struct {
    int32_t time, inputs, units; /* rows, values of a row, numbers of the state */
    int32_t in_zero, shift;
    const int8_t *weight;                /* [4 * units][inputs], gates i, f, g, o */
    const int32_t *bias;                 /* [4 * units] */
    const int32_t *multiplier;           /* [4 * units], of sums over the inputs */
    const int8_t *recurrent;             /* [4 * units][units] */
    const int32_t *recurrent_multiplier; /* [4 * units], of sums over the state */
    const int16_t *sigmoid, *tanh;       /* Q15 [257], -8 to 8 in steps of 1/16 */
} oto_lstm;

/* Scratch: state, cell and the sums of four gates. */
#define OTO_LSTM_SCRATCH(units) ((size_t)(units)*12)

/* Value of a table at a Q12 position within int16, linear between entries. */
OTO_INLINE int32_t oto_lstm_table(const int16_t *table, int32_t position) {
    const int32_t from = position - INT16_MIN;
    const int16_t *left = table + (from >> 8);
    return left[0] + (((left[1] - left[0]) * (from & 255) + 128) >> 8);
}

/* Q12 sums of all gates for one row. */
OTO_INLINE void oto_lstm_sums(const oto_lstm *l, const int8_t *row, const int16_t *state,
                              int16_t *sums) {
    for (int32_t n = 0; n < 4 * l->units; n++) {
        const int8_t *w = l->weight + n * l->inputs, *r = l->recurrent + n * l->units;
        int32_t acc = 0, back = 0;
        for (int32_t k = 0; k < l->inputs; k++)
            acc += w[k] * (row[k] - l->in_zero);
        for (int32_t k = 0; k < l->units; k++)
            back += r[k] * state[k];
        const int32_t scaled = (int32_t)((uint32_t)acc << l->shift) + l->bias[n];
        const int32_t v =
            oto_top(scaled, l->multiplier[n]) + oto_top(back, l->recurrent_multiplier[n]);
        sums[n] = (int16_t)oto_saturate_int16(v);
    }
}

/* in: int8 [time][inputs]; out: int8 [units]. */
OTO_INLINE void oto_lstm_run(const oto_lstm *l, const int8_t *in, int8_t *out, void *scratch) {
    int16_t *state = (int16_t *)scratch, *cell = state + l->units, *sums = cell + l->units;
    for (int32_t u = 0; u < 2 * l->units; u++)
        state[u] = 0;
    for (int32_t t = 0; t < l->time; t++) {
        oto_lstm_sums(l, in + t * l->inputs, state, sums);
        for (int32_t u = 0; u < l->units; u++) {
            const int16_t *v = sums + u;
            const int32_t i = oto_lstm_table(l->sigmoid, v[0]);
            const int32_t f = oto_lstm_table(l->sigmoid, v[l->units]);
            const int32_t g = oto_lstm_table(l->tanh, v[2 * l->units]);
            const int32_t o = oto_lstm_table(l->sigmoid, v[3 * l->units]);
            const int32_t kept = f * cell[u] + ((i * g + 8) >> 4);
            const int32_t c = oto_saturate_int16((kept + (1 << 14)) >> 15);
            const int32_t h = o * oto_lstm_table(l->tanh, oto_saturate_int16(2 * c));
            cell[u] = (int16_t)c;
            state[u] = (int16_t)oto_saturate_int16((h + (1 << 14)) >> 15);
        }
    }
    for (int32_t u = 0; u < l->units; u++)
        out[u] = (int8_t)oto_clamp((state[u] + 128) >> 8, INT8_MIN, INT8_MAX);
}

#endif
