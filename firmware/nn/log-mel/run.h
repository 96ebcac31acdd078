/* Log-mel spectrogram in integers (SPEC.md, "logMel"). */
#ifndef OTO_LOG_MEL_LOG_MEL_H
#define OTO_LOG_MEL_LOG_MEL_H

#include <string.h>

#include "../common/output_stage.h"
#include "real_transform.h"

typedef struct {
    int32_t samples; /* of the window */
    int32_t frame;   /* samples of one transform, a power of two */
    int32_t hop, bands;
    const int16_t *window;            /* Q14 [frame] */
    const int32_t *twiddle;           /* factors in the order of their use */
    const int16_t *edge;              /* [bands + 2] bins where the band that rises changes */
    const int16_t *weight;            /* Q15 [frame / 2 + 1] share of the band that rises */
    int32_t offset, multiplier, zero; /* from log2 in 1/256 to int8 */
} oto_log_mel;

/* Scratch: bins. */
#define OTO_LOG_MEL_SCRATCH(frame) ((size_t)(frame)*4 + 8)

/* 256 log2 v of a number that is not 0, by a polynomial of the 16 bits after its leading one. */
OTO_INLINE int32_t oto_log_mel_log2(uint64_t v) {
    const int32_t zeros = oto_leading_zeros(v);
    const uint32_t x = (uint32_t)(v << zeros >> 47) & 0xffff;
    const uint32_t curve = 28752 - ((x * (15667 - ((x * 5383) >> 16))) >> 16);
    const uint32_t bend = (((x * (65536 - x)) >> 16) * curve) >> 16;
    return (63 - zeros) * 256 + (int32_t)((x + bend) >> 8);
}

/* int8 value of a band's energy. */
OTO_INLINE int8_t oto_log_mel_value(const oto_log_mel *l, uint64_t energy) {
    const int32_t unit = (2 * oto_leading_zeros((uint32_t)l->frame) - 98) * 256;
    const int32_t level = energy == 0 ? 0 : oto_max(oto_log_mel_log2(energy) - unit, 0);
    const int32_t v = (level - l->offset) * l->multiplier;
    return (int8_t)oto_clamp(l->zero + ((v + (1 << 15)) >> 16), INT8_MIN, INT8_MAX);
}

/* Bins -> int8 [bands]. Between two edges one band rises and the one before it falls. */
OTO_INLINE void oto_log_mel_bands(const oto_log_mel *l, const oto_complex *bin, int8_t *out) {
    const int16_t *weight = l->weight;
    const oto_complex *const first = bin;
    uint64_t before = 0;
    for (int32_t band = 0; band <= l->bands; band++) {
        uint64_t all = 0, rising = 0;
        for (const oto_complex *end = first + l->edge[band + 1]; bin < end; bin++, weight++) {
            const uint64_t power =
                (uint64_t)((int64_t)bin->re * bin->re + (int64_t)bin->im * bin->im);
            const uint32_t share = (uint32_t)*weight;
            all += power;
            rising = oto_wide_add(rising, power, share);
        }
        if (band > 0)
            out[band - 1] = oto_log_mel_value(l, before + (all << 15) - rising);
        before = rising;
    }
}

/* One frame: int16 [frame] -> int8 [bands]. */
OTO_INLINE void oto_log_mel_frame(const oto_log_mel *l, const int16_t *in, int8_t *out,
                                  void *scratch) {
    oto_complex *bins = (oto_complex *)scratch;
    oto_real_transform(in, l->window, l->twiddle, bins, l->frame);
    oto_log_mel_bands(l, bins, out);
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
#define OTO_LOG_MEL_STATE(frame) (16 + (size_t)(frame)*2 + OTO_LOG_MEL_SCRATCH(frame))

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
