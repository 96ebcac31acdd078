#include "bench.h"

#define SAMPLES_AT_ONCE 256u
#define SEED_OF_ZERO 0x6f746f6cu

/* xorshift32 (Marsaglia 2003), louder and quieter by blocks of 2,048 samples. */
static int16_t next_sample(uint32_t *x, uint32_t index) {
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return (int16_t)((int16_t)(*x >> 16) >> (index >> 11 & 7u));
}

void oto_bench_run(oto_bench *bench, oto_runner *runner) {
    int16_t samples[SAMPLES_AT_ONCE];
    const uint32_t total = runner->model->window_samples;
    uint32_t x = bench->seed == 0 ? SEED_OF_ZERO : bench->seed;
    oto_runner_start_window(runner);
    for (uint32_t at = 0; at < total; at += SAMPLES_AT_ONCE) {
        const uint32_t count = total - at < SAMPLES_AT_ONCE ? total - at : SAMPLES_AT_ONCE;
        for (uint32_t i = 0; i < count; i++)
            samples[i] = next_sample(&x, at + i);
        oto_runner_feed(runner, samples, count);
    }
    oto_runner_finish(runner, &bench->result);
    bench->done = true;
}
