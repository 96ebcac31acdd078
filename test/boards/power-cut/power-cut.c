/*
 * Cuts power at every flash operation of every scenario, in every way, and again at every operation
 * of the recovery; then looks at what the board does. Arguments: public key, old image, new image,
 * sector bytes, sectors per slot, stride of the second cuts (0 for none). Prints one line per
 * scenario; exits 1 at the first promise broken.
 */
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_BYTES 8u
#define OPERATIONS_MAX 100000u

static uint8_t *snapshot;

static void one_start(void) {
    (void)start();
}

static void restore(const uint8_t *from) {
    memcpy(sim.memory.bytes, from, sim.memory.size);
}

/* Runs `work` until it ends or power fails at operation `cut`; true when it failed. */
static bool interrupted(void (*work)(void), uint32_t cut, enum cut_mode mode) {
    jmp_buf lost;
    nor_arm(&sim.memory, cut, mode, &lost);
    const bool cut_short = setjmp(lost) != 0;
    if (!cut_short)
        work();
    nor_arm(&sim.memory, 0, CUT_NOT_DONE, NULL);
    return cut_short;
}

static void judge(const scenario *which, uint32_t cut, enum cut_mode mode, uint32_t second) {
    const runs first = start();
    const runs next = start();
    const runs last = start();
    if (which->holds(first, next, last))
        return;
    (void)printf("%s, cut %u mode %d, second cut %u: runs %d, %d, %d; acknowledged %d\n",
                 which->name, cut, (int)mode, second, (int)first, (int)next, (int)last,
                 (int)sim.acknowledged);
    broken(which->name);
}

/* Cuts the recovery as well, at each of its operations; returns how many trials that took. */
static uint32_t cut_recovery(const scenario *which, uint32_t cut, enum cut_mode mode,
                             const uint8_t *after_first, uint32_t stride) {
    uint32_t trials = 0;
    for (uint32_t second = 1 + cut % stride;; second += stride) {
        restore(after_first);
        const enum cut_mode how = (enum cut_mode)((second + cut + (uint32_t)mode) % CUT_MODES);
        if (!interrupted(one_start, second, how))
            return trials;
        judge(which, cut, mode, second);
        trials++;
    }
}

static void run(const scenario *which, uint32_t starts, uint32_t stride, uint32_t *points,
                uint32_t *trials) {
    uint8_t *after_first = malloc(sim.memory.size);
    uint32_t own_points = 0;
    uint32_t own_trials = 0;
    which->prepare(starts);
    memcpy(snapshot, sim.memory.bytes, sim.memory.size);
    for (uint32_t cut = 1; cut < OPERATIONS_MAX; cut++) {
        bool reached = false;
        for (int mode = 0; mode < CUT_MODES; mode++) {
            restore(snapshot);
            sim.acknowledged = false;
            if (!interrupted(which->act, cut, (enum cut_mode)mode))
                break;
            reached = true;
            memcpy(after_first, sim.memory.bytes, sim.memory.size);
            judge(which, cut, (enum cut_mode)mode, 0);
            own_trials++;
            if (stride > 0)
                own_trials += cut_recovery(which, cut, (enum cut_mode)mode, after_first, stride);
        }
        if (!reached)
            break;
        own_points++;
    }
    free(after_first);
    (void)printf("%s (after %u starts): %u cut points, %u trials\n", which->name, starts + 1,
                 own_points, own_trials);
    *points += own_points;
    *trials += own_trials;
}

int main(int argc, char **argv) {
    if (argc != 7)
        broken("six arguments are needed");
    sim.key = load(argv[1]);
    sim.old_image = load(argv[2]);
    sim.new_image = load(argv[3]);
    sim.sector_bytes = (uint32_t)strtoul(argv[4], NULL, 10);
    sim.slot_sectors = (uint32_t)strtoul(argv[5], NULL, 10);
    const uint32_t stride = (uint32_t)strtoul(argv[6], NULL, 10);
    sim.memory.size = sim.sector_bytes * (2 * sim.slot_sectors + 2);
    sim.memory.bytes = malloc(sim.memory.size);
    sim.memory.random = 0x6f746f6c;
    snapshot = malloc(sim.memory.size);
    sim.flash = nor_interface(&sim.memory, sim.sector_bytes, WRITE_BYTES);
    uint32_t points = 0;
    uint32_t trials = 0;
    for (uint32_t starts = 0; starts <= 10; starts += 5)
        for (uint32_t i = 0; i < scenario_count; i++)
            run(&scenarios[i], starts, stride, &points, &trials);
    (void)printf("total: %u cut points, %u trials, 0 bricks, 0 wrong images, 0 confirmed lost\n",
                 points, trials);
    return 0;
}
