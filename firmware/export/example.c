/* Classifies sound from standard input, window by window: raw 16-bit little-endian mono samples at
 * the network's rate, e.g.  sox dog.wav -t raw -e signed -b 16 -c 1 -r 20000 - | ./classify
 * prints of each window the class with the highest score, then the scores of all classes. Of the
 * windows.raw of `otolith evaluate --scores` that is, byte for byte, its scores.txt. */
#include <stdio.h>

#include "example_net.h"

EXAMPLE_NET_ALIGNED static uint8_t arena[EXAMPLE_NET_ARENA_BYTES];

/* Index of the highest score. */
static uint32_t best_of(const int32_t *scores) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < EXAMPLE_NET_CLASSES; i++)
        if (scores[i] > scores[best])
            best = i;
    return best;
}

static void print(const oto_model *net, const int32_t *scores) {
    printf("%s", net->labels[best_of(scores)]);
    for (uint32_t i = 0; i < EXAMPLE_NET_CLASSES; i++)
        printf(" %ld", (long)scores[i]);
    puts("");
}

int main(void) {
    const oto_model *net = &example_net_model;
    int32_t scores[EXAMPLE_NET_CLASSES];
    int16_t samples[256];
    uint32_t have = 0, window = 0;
    net->reset(arena);
    for (;;) {
        const uint32_t left = EXAMPLE_NET_WINDOW_SAMPLES - have;
        const size_t count = fread(samples, sizeof *samples, left < 256 ? left : 256, stdin);
        if (count == 0)
            break;
        net->feed(arena, samples, (uint32_t)count);
        have += (uint32_t)count;
        if (have < EXAMPLE_NET_WINDOW_SAMPLES)
            continue;
        net->finish(arena, scores);
        print(net, scores);
        window++;
        net->reset(arena);
        have = 0;
    }
    if (window == 0)
        fprintf(stderr, "fewer than %lu samples\n", (unsigned long)EXAMPLE_NET_WINDOW_SAMPLES);
    return window == 0;
}
