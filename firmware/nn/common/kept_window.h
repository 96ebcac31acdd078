/* Intake of a network that has no streaming front end: the window is kept. A count, 16 bytes, then
 * the samples. */
#ifndef OTO_COMMON_KEPT_WINDOW_H
#define OTO_COMMON_KEPT_WINDOW_H

#include <string.h>

#include "output_stage.h"

OTO_INLINE void oto_window_reset(void *state) {
    memset(state, 0, 16);
}

OTO_INLINE void oto_window_feed(void *state, int32_t window, const int16_t *samples,
                                uint32_t count) {
    int32_t *have = (int32_t *)state;
    const int32_t take = oto_min(window - *have, (int32_t)count);
    memcpy((uint8_t *)state + 16 + (size_t)*have * sizeof *samples, samples,
           (size_t)take * sizeof *samples);
    *have += take;
}

#endif
