#include "vectors.h"

#include <string.h>

#include "decimal.h"

#define MAX_CLASSES 64
/* Nothing may depend on what an arena held before. */
#define GARBAGE 0xa5

static void print(int32_t value) {
    char digits[OTO_DECIMAL_BYTES];
    vectors_text(value < 0 ? " -" : " ");
    vectors_text(oto_decimal(value < 0 ? 0u - (uint32_t)value : (uint32_t)value, digits));
}

/* Samples come in portions of many sizes, none of which is a divisor of anything. */
static void feed(const oto_model *model, uint8_t *arena, const int16_t *samples) {
    uint32_t portion = 1;
    for (uint32_t at = 0; at < model->window_samples; portion = portion * 37 % 409) {
        const uint32_t left = model->window_samples - at;
        const uint32_t count = portion < left ? portion : left;
        model->feed(arena, samples + at, count);
        at += count;
    }
}

void vectors_run(void) {
    int32_t scores[MAX_CLASSES];
    for (uint32_t i = 0; i < oto_model_count; i++) {
        const oto_model *model = oto_models[i];
        uint8_t *arena = vectors_arena(model->arena_bytes);
        memset(arena, GARBAGE, model->arena_bytes);
        for (uint32_t w = 0; w < oto_test_vectors[i].windows; w++) {
            model->reset(arena);
            feed(model, arena, oto_test_vectors[i].samples + w * model->window_samples);
            model->finish(arena, scores);
            vectors_text("scores");
            for (uint32_t k = 0; k < model->class_count; k++)
                print(scores[k]);
            vectors_text("\n");
        }
        vectors_release(arena);
    }
}
