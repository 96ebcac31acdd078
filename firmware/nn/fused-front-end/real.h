/* Streaming front end: two 1-D convolutions and a pool over samples as they arrive. Neither
 * convolution's map is ever held: one pool field of the first one's outputs is, and the samples it
 * still needs. */
#ifndef OTO_FUSED_FRONT_END_REAL_H
#define OTO_FUSED_FRONT_END_REAL_H

#include <string.h>

#include "../common/output_stage.h"

typedef struct {
    oto_conv first, second;
    int32_t span;    /* outputs of the first convolution that one pool field reads */
    int32_t advance; /* by how many of them the next field is further on; <= span */
    int32_t frames;  /* pool fields of a window */
    int32_t frame_stride, channel_stride; /* of the output, in elements */
} oto_front;

typedef struct {
    int32_t have;  /* samples in the buffer */
    int32_t frame; /* fields done */
} oto_front_state;

/* Samples that `positions` outputs of a 1-D convolution read. */
#define OTO_FRONT_SAMPLES(positions, kernel, stride) (((positions)-1) * (stride) + (kernel))

OTO_INLINE void oto_front_reset(void *state) {
    memset(state, 0, sizeof(oto_front_state));
}

/* Moves samples to the buffer until it holds `need`; returns whether it does. */
OTO_INLINE int oto_front_take(oto_front_state *s, int16_t *buffer, int32_t need,
                              const int16_t **samples, uint32_t *count) {
    const int32_t take = oto_min(need - s->have, (int32_t)*count);
    memcpy(buffer + s->have, *samples, (size_t)take * sizeof **samples);
    *samples += take;
    *count -= (uint32_t)take;
    s->have += take;
    return s->have == need;
}

/* Drops the first `count` samples of the buffer. */
OTO_INLINE void oto_front_drop(oto_front_state *s, int16_t *buffer, int32_t count) {
    s->have -= count;
    memmove(buffer, buffer + count, (size_t)s->have * sizeof *buffer);
}

/* State: oto_front_state | int16 samples, rounded up to 4 | tile. Kernels may read (never use) up
 * to 16 bytes past either, which the compiler's sizes allow for. */
OTO_INLINE void oto_front_feed(const oto_front *f, void *state, size_t sample_bytes, void *map,
                               const int16_t *samples, uint32_t count) {
    oto_front_state *s = (oto_front_state *)state;
    int16_t *buffer = (int16_t *)((uint8_t *)state + sizeof *s);
    oto_tile *tile = (oto_tile *)(void *)((uint8_t *)state + sizeof *s + sample_bytes);
    const int32_t k = f->first.window.kernel_w, stride = f->first.window.stride_w;
    const int32_t channels = f->first.window.out.channels;
    const int32_t kept = f->span - f->advance;
    while (count > 0 && s->frame < f->frames) {
        const int32_t fresh = s->frame == 0 ? f->span : f->advance;
        const int32_t need = OTO_FRONT_SAMPLES(fresh, k, stride);
        if (!oto_front_take(s, buffer, need, &samples, &count))
            break;
        oto_tile *to = tile;
        if (s->frame > 0) {
            memmove(tile, tile + f->advance * channels, (size_t)(kept * channels) * sizeof *tile);
            to = tile + kept * channels;
        }
        oto_front_first(&f->first, buffer, fresh, to);
        oto_front_second(&f->second, tile, s->frame * f->frame_stride, f->channel_stride, map);
        oto_front_drop(s, buffer, fresh * stride);
        s->frame++;
    }
}

#endif
