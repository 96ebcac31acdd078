/* A window that both sides can compute, so that a board can be checked before its firmware is
 * confirmed. */
#ifndef OTO_BENCH_H
#define OTO_BENCH_H

#include "runner.h"

typedef struct oto_bench {
    bool asked; /* seed and run are set */
    bool done;  /* and the result stands */
    uint32_t seed;
    uint32_t run;
    oto_inference result;
} oto_bench;

/* Runs the window of bench->seed (protocol/VENDOR.md, bench). */
void oto_bench_run(oto_bench *bench, oto_runner *runner);

#endif
