/* Runs one model on one window under emulation and marks what each stage took. Marks, in order: two
 * with nothing between them, then the intake of the window, then one per stage of the body. */
#include "board.h"
#include "oto_models.h"
#include "semihost.h"
#include "stopwatch.h"

#define MAX_CLASSES 1000

extern const int16_t oto_bench_window[];

static uint8_t arena[OTO_BENCH_ARENA] __attribute__((aligned(16)));
static int32_t scores[MAX_CLASSES];

void oto_profile_stage(uint32_t stage) {
    /* Stage 0 is the body's beginning: the intake has marked it already. */
    if (stage > 0)
        oto_stopwatch_mark();
}

int main(void) {
    const oto_model *model = oto_models[0];
    oto_board_start();
    oto_stopwatch_mark();
    oto_stopwatch_mark();
    model->reset(arena);
    model->feed(arena, oto_bench_window, model->window_samples);
    oto_stopwatch_mark();
    model->finish(arena, scores);
    oto_semihost_text("stack ");
    oto_semihost_number(oto_board_stack_used());
    oto_semihost_text("\n");
    oto_stopwatch_print();
    oto_semihost_exit(0);
}
