#include "runner.h"
#include "board.h"

#include <string.h>

#define ARENA_PAINT 0xa5u

void oto_runner_begin(oto_runner *runner, const oto_model *model, uint8_t *arena,
                      uint32_t arena_bytes) {
    memset(runner, 0, sizeof *runner);
    runner->arena = arena;
    if (model == NULL || model->arena_bytes > arena_bytes || model->class_count > OTO_CLASSES_MAX)
        return;
    runner->model = model;
    memset(arena, ARENA_PAINT, model->arena_bytes);
}

void oto_runner_start_window(oto_runner *runner) {
    const uint64_t began = oto_board_ticks();
    runner->model->reset(runner->arena);
    runner->ticks = oto_board_ticks() - began;
    runner->fed = 0;
}

void oto_runner_feed(oto_runner *runner, const int16_t *samples, uint32_t count) {
    const uint64_t began = oto_board_ticks();
    runner->model->feed(runner->arena, samples, count);
    runner->ticks += oto_board_ticks() - began;
    runner->fed += count;
}

static uint32_t arena_used(const oto_runner *runner) {
    uint32_t bytes = runner->model->arena_bytes;
    while (bytes > 0 && runner->arena[bytes - 1] == ARENA_PAINT)
        bytes--;
    return bytes;
}

static uint32_t highest(const int32_t *scores, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (scores[i] > scores[best])
            best = i;
    return best;
}

/* From board.json: supply x current per MHz; one tick is taken for one cycle. */
static uint32_t energy(uint64_t ticks) {
    return (uint32_t)(ticks * OTO_PICOJOULES_PER_TICK / 1000000u);
}

const char *oto_runner_energy_source(void) {
    return OTO_PICOJOULES_PER_TICK > 0u ? "estimated" : "none";
}

void oto_runner_finish(oto_runner *runner, oto_inference *inference) {
    memset(inference, 0, sizeof *inference);
    const uint64_t began = oto_board_ticks();
    runner->model->finish(runner->arena, inference->scores);
    runner->ticks += oto_board_ticks() - began;
    runner->runs++;
    inference->best = highest(inference->scores, runner->model->class_count);
    inference->ticks = runner->ticks;
    inference->microjoules = energy(runner->ticks);
    inference->arena_used = arena_used(runner);
    inference->stack_used = oto_board_stack_used();
}
