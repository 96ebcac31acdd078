#include "known_answer.h"

#include "example_net.h"
#include "known_scores.h"

EXAMPLE_NET_ALIGNED static uint8_t arena[EXAMPLE_NET_ARENA_BYTES];
static uint32_t state;

/* mulberry32 */
static uint32_t next(void) {
    state += 0x6d2b79f5u;
    uint32_t t = state;
    t = (t ^ t >> 15) * (t | 1u);
    t ^= t + (t ^ t >> 7) * (t | 61u);
    return t ^ t >> 14;
}

static int16_t clipped(int32_t v) {
    return (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

/* Sample `at` of a window of noise, whose level changes every 97 samples. */
static int16_t noise(uint32_t at) {
    static int32_t divisor;
    if (at % 97 == 0)
        divisor = (int32_t)1 << next() % 13;
    /* Rounded down, as a shift would. */
    const int32_t v = (int32_t)(next() % 131072) - 65536;
    return clipped(v < 0 ? -((divisor - 1 - v) / divisor) : v / divisor);
}

static int16_t extreme(void) {
    const uint32_t which = next() % 3;
    return which == 0 ? INT16_MIN : which == 1 ? INT16_MAX : 0;
}

/* The last window is nothing but extremes; samples come in portions of many sizes. */
static void hear(const oto_model *net, uint32_t window) {
    int16_t samples[256];
    state = window + 1;
    uint32_t portion = 1;
    for (uint32_t at = 0; at < EXAMPLE_NET_WINDOW_SAMPLES; portion = portion * 37 % 251) {
        uint32_t count = 0;
        while (count < portion && at < EXAMPLE_NET_WINDOW_SAMPLES) {
            samples[count++] = window + 1 == KNOWN_WINDOWS ? extreme() : noise(at);
            at++;
        }
        net->feed(arena, samples, count);
    }
}

int example_net_known_answer(void) {
    const oto_model *net = &example_net_model;
    int32_t scores[EXAMPLE_NET_CLASSES];
    for (uint32_t w = 0; w < KNOWN_WINDOWS; w++) {
        net->reset(arena);
        hear(net, w);
        net->finish(arena, scores);
        for (uint32_t i = 0; i < EXAMPLE_NET_CLASSES; i++)
            if (scores[i] != known_scores[w][i])
                return (int)w + 1;
    }
    return 0;
}
