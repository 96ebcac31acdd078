/* Runs the compiled model on one window at a time and measures it. */
#ifndef OTO_RUNNER_H
#define OTO_RUNNER_H

#include "oto_model.h"

#include <stdbool.h>
#include <stdint.h>

#define OTO_CLASSES_MAX 64u

typedef struct oto_inference {
    uint32_t best; /* index of the highest score, the lowest among equals */
    uint64_t ticks;
    uint32_t microjoules;
    uint32_t arena_used;
    uint32_t stack_used;
    int32_t scores[OTO_CLASSES_MAX];
} oto_inference;

typedef struct oto_runner {
    const oto_model *model; /* NULL when the firmware has none, or none that fits */
    uint8_t *arena;
    uint32_t fed;   /* samples of the window so far */
    uint64_t ticks; /* spent in the network for it */
    uint32_t runs;  /* since boot */
} oto_runner;

/* Takes `model` if it fits into `arena_bytes` of `arena`, which is aligned to 16. */
void oto_runner_begin(oto_runner *runner, const oto_model *model, uint8_t *arena,
                      uint32_t arena_bytes);

/* Begins a window; one under way is forgotten. */
void oto_runner_start_window(oto_runner *runner);
/* Feeds samples, no more than the window still lacks. */
void oto_runner_feed(oto_runner *runner, const int16_t *samples, uint32_t count);
/* After the whole window: runs the rest of the network. */
void oto_runner_finish(oto_runner *runner, oto_inference *inference);

/* "estimated" or "none": where microjoules come from on this board. */
const char *oto_runner_energy_source(void);

#endif
