/* Log-mel spectrogram in integers (SPEC.md, "logMel"). */
#ifndef OTO_LOG_MEL_H
#define OTO_LOG_MEL_H

#include <string.h>

#include "oto_stage.h"

typedef struct {
    int32_t samples; /* of the window */
    int32_t frame;   /* samples of one transform, a power of two */
    int32_t hop, bands;
    const int16_t *window;            /* Q15 [frame] */
    const int16_t *twiddle;           /* Q15 [frame / 2][2] */
    const int16_t *band;              /* [frame / 2 + 1] band that rises at a bin */
    const int16_t *weight;            /* Q15 [frame / 2 + 1] share of that band */
    int32_t offset, multiplier, zero; /* from log2 in 1/256 to int8 */
} oto_log_mel;

/* Scratch: real and imaginary parts, then energies. */
#define OTO_LOG_MEL_SCRATCH(frame, bands) ((size_t)(frame)*8 + (size_t)(bands)*8)

/* One frame's samples, weighted by the window, in bit-reversed order. */
OTO_INLINE void oto_log_mel_load(const oto_log_mel *l, const int16_t *in, int32_t *re,
                                 int32_t *im) {
    uint32_t to = 0;
    for (int32_t i = 0; i < l->frame; i++) {
        re[to] = (in[i] * l->window[i] + (1 << 14)) >> 15;
        im[to] = 0;
        /* The next index of a counter whose highest digit counts first. */
        uint32_t bit = (uint32_t)l->frame >> 1;
        while (bit != 0 && (to & bit) != 0) {
            to ^= bit;
            bit >>= 1;
        }
        to |= bit;
    }
}

/* (a * c + b * d + 2^14) >> 15 */
OTO_INLINE int32_t oto_log_mel_product(int32_t a, int32_t c, int32_t b, int32_t d) {
    return (int32_t)(((int64_t)a * c + (int64_t)b * d + (1 << 14)) >> 15);
}

/* Radix-2 decimation in time. */
OTO_INLINE void oto_log_mel_fourier(const oto_log_mel *l, int32_t *re, int32_t *im) {
    for (int32_t half = 1; half < l->frame; half *= 2) {
        const int32_t stride = l->frame / (2 * half);
        for (int32_t k = 0; k < half; k++) {
            const int32_t wr = l->twiddle[2 * k * stride], wi = l->twiddle[2 * k * stride + 1];
            for (int32_t a = k; a < l->frame; a += 2 * half) {
                const int32_t b = a + half;
                const int32_t tr = oto_log_mel_product(re[b], wr, -im[b], wi);
                const int32_t ti = oto_log_mel_product(re[b], wi, im[b], wr);
                re[b] = re[a] - tr;
                im[b] = im[a] - ti;
                re[a] += tr;
                im[a] += ti;
            }
        }
    }
}

/* floor(256 log2 v) by repeated squaring; 0 for 0. */
OTO_INLINE int32_t oto_log_mel_log2(uint64_t v) {
    if (v == 0)
        return 0;
    const int32_t exponent = 63 - __builtin_clzll(v);
    uint64_t mantissa = exponent >= 31 ? v >> (exponent - 31) : v << (31 - exponent);
    int32_t digits = 0;
    for (int32_t i = 0; i < 8; i++) {
        mantissa = (mantissa * mantissa) >> 31;
        const int32_t digit = (int32_t)(mantissa >> 32);
        mantissa >>= digit;
        digits = digits * 2 + digit;
    }
    return exponent * 256 + digits;
}

/* One frame: int16 [frame] -> int8 [bands]. */
OTO_INLINE void oto_log_mel_frame(const oto_log_mel *l, const int16_t *in, int8_t *out,
                                  void *scratch) {
    int32_t *re = (int32_t *)scratch, *im = re + l->frame;
    uint64_t *energy = (uint64_t *)(void *)(im + l->frame);
    oto_log_mel_load(l, in, re, im);
    oto_log_mel_fourier(l, re, im);
    for (int32_t b = 0; b < l->bands; b++)
        energy[b] = 0;
    for (int32_t k = 0; k <= l->frame / 2; k++) {
        const uint64_t power = (uint64_t)((int64_t)re[k] * re[k] + (int64_t)im[k] * im[k]) >> 8;
        const int32_t band = l->band[k];
        if (band < l->bands)
            energy[band] += power * (uint64_t)l->weight[k];
        if (band > 0)
            energy[band - 1] += power * (uint64_t)(32768 - l->weight[k]);
    }
    for (int32_t b = 0; b < l->bands; b++) {
        const int32_t v = (oto_log_mel_log2(energy[b]) - l->offset) * l->multiplier;
        out[b] = (int8_t)oto_clamp(l->zero + ((v + (1 << 15)) >> 16), INT8_MIN, INT8_MAX);
    }
}

/* in: int16 [samples]; out: int8 [frames][bands]. */
OTO_INLINE void oto_log_mel_run(const oto_log_mel *l, const int16_t *in, int8_t *out,
                                void *scratch) {
    for (int32_t from = 0; from + l->frame <= l->samples; from += l->hop, out += l->bands)
        oto_log_mel_frame(l, in + from, out, scratch);
}

/* What is kept while samples come in. */
typedef struct {
    int32_t have; /* samples of the frame at hand; below 0, samples until it begins */
    int32_t row;  /* rows done */
} oto_log_mel_intake;

/* State: oto_log_mel_intake, 16 bytes in all | samples of a frame | scratch. */
#define OTO_LOG_MEL_STATE(frame, bands)                                                            \
    (16 + (size_t)(frame)*2 + OTO_LOG_MEL_SCRATCH((frame), (bands)))

OTO_INLINE void oto_log_mel_reset(void *state) {
    memset(state, 0, sizeof(oto_log_mel_intake));
}

/* The same row by row as samples arrive, in any portions. */
OTO_INLINE void oto_log_mel_feed(const oto_log_mel *l, void *state, int8_t *out,
                                 const int16_t *samples, uint32_t count) {
    oto_log_mel_intake *s = (oto_log_mel_intake *)state;
    int16_t *kept = (int16_t *)(void *)((uint8_t *)state + 16);
    const int32_t rows = (l->samples - l->frame) / l->hop + 1;
    while (count > 0 && s->row < rows) {
        const int32_t need = s->have < 0 ? -s->have : l->frame - s->have;
        const int32_t take = oto_min(need, (int32_t)count);
        if (s->have >= 0)
            memcpy(kept + s->have, samples, (size_t)take * sizeof *samples);
        samples += take;
        count -= (uint32_t)take;
        s->have += take;
        if (s->have < l->frame)
            continue;
        oto_log_mel_frame(l, kept, out + s->row * l->bands, kept + l->frame);
        s->row++;
        s->have = l->frame - l->hop;
        if (s->have > 0)
            memmove(kept, kept + l->hop, (size_t)s->have * sizeof *kept);
    }
}

#endif
