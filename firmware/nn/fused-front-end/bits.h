/* Streaming front end of a binary network: a real convolution to signs, a binary convolution and a
 * pool, as samples arrive. Bits of a word are positions; the binary convolution is straight-line
 * code made from its weights. A pool of signs is an OR. */
#ifndef OTO_FUSED_FRONT_END_BITS_H
#define OTO_FUSED_FRONT_END_BITS_H

#include <string.h>

#include "../common/bits.h"
#include "../common/output_stage.h"
#include "real.h"

typedef struct {
    oto_conv first; /* window -> signs; its weights and thresholds negated (oto_front_bits_first) */
    oto_window second; /* signs -> signs, pooled along width */
    void (*network)(const oto_lanes *x,
                    oto_lanes *out); /* second's kernel: x[tap][channel] -> out[channel] */
    int32_t frames;                  /* pool fields of a window */
    int32_t batch;                   /* pool fields that are computed at once */
    int32_t words; /* of a plane: one bit per position of a batch, and what the last position reads
                      beyond */
} oto_front_bits;

/* 1 where any of `count` bits of a plane from bit `from` on is set. */
OTO_INLINE uint32_t oto_front_bits_any(const uint32_t *plane, int32_t from, int32_t count) {
    uint32_t any = 0;
    for (int32_t i = 0; i < count; i += 32)
        any |= oto_bits_get(plane, from + i, oto_min(32, count - i));
    return any != 0;
}

/* Planes of the binary convolution's outputs, [channel][words], from those of its inputs,
 * [phase][channel][words]. */
OTO_INLINE void oto_front_bits_second(const oto_front_bits *f, const uint32_t *in, uint32_t *out,
                                      oto_lanes *x, oto_lanes *y) {
    const oto_window *w = &f->second;
    const int32_t channels = w->in.channels, lanes = OTO_LANE_WORDS;
    for (int32_t j = 0; j < f->words; j += lanes) {
        for (int32_t k = 0; k < w->kernel_w; k++) {
            const int32_t phase = k % w->stride_w, shift = k / w->stride_w;
            for (int32_t c = 0; c < channels; c++) {
                const uint32_t *plane = in + (phase * channels + c) * (f->words + lanes) + j;
                oto_lanes low, high;
                memcpy(&low, plane + shift / 32, sizeof low);
                memcpy(&high, plane + shift / 32 + 1, sizeof high);
                x[k * channels + c] =
                    shift % 32 == 0 ? low : (low >> (shift % 32)) | (high << (32 - shift % 32));
            }
        }
        f->network(x, y);
        for (int32_t n = 0; n < w->out.channels; n++)
            memcpy(out + n * f->words + j, y + n, sizeof *y);
    }
}

/* State: oto_front_state | samples | planes of the first convolution | planes of the second. map:
 * one row of `frames` bits per channel. x and y: an input and an output of `network`. */
OTO_INLINE void oto_front_bits_feed(const oto_front_bits *f, void *state, size_t sample_bytes,
                                    uint32_t *map, const int16_t *samples, uint32_t count,
                                    oto_lanes *x, oto_lanes *y) {
    oto_front_state *s = (oto_front_state *)state;
    int16_t *buffer = (int16_t *)((uint8_t *)state + sizeof *s);
    uint32_t *first = (uint32_t *)(void *)((uint8_t *)buffer + sample_bytes);
    const oto_window *w = &f->second;
    const int32_t plane = f->words + OTO_LANE_WORDS;
    const int32_t channels = w->in.channels, row_words = OTO_BIT_ROW_WORDS(f->frames, 1);
    uint32_t *second = first + w->stride_w * channels * plane;
    const int32_t k1 = f->first.window.kernel_w, s1 = f->first.window.stride_w;
    if (s->frame == 0 && s->have == 0)
        memset(map, 0, (size_t)(w->out.channels * row_words) * 4);
    while (count > 0 && s->frame < f->frames) {
        const int32_t fields = oto_min(f->batch, f->frames - s->frame);
        const int32_t positions = (fields * w->pool_w - 1) * w->stride_w + w->kernel_w;
        const int32_t need = OTO_FRONT_SAMPLES(positions, k1, s1);
        if (!oto_front_take(s, buffer, need, &samples, &count))
            break;
        oto_front_bits_first(&f->first, buffer, w->stride_w, f->words, first, plane);
        oto_front_bits_second(f, first, second, x, y);
        for (int32_t n = 0; n < w->out.channels; n++)
            for (int32_t i = 0; i < fields; i++)
                oto_bits_or(map + n * row_words, s->frame + i, 1,
                            oto_front_bits_any(second + n * f->words, i * w->pool_w, w->pool_w));
        oto_front_drop(s, buffer, fields * w->pool_w * w->stride_w * s1);
        s->frame += fields;
    }
}

#endif
