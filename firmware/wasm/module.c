/* What a WebAssembly module of compiled models offers to agent/engine. Memory from __heap_base on
 * is the host's: it places the arena (aligned to 16), the samples and the scores there. */
#include "oto_models.h"

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(modelCount) uint32_t model_count(void);
uint32_t model_count(void) {
    return oto_model_count;
}

EXPORT(modelHash) const uint8_t *model_hash(uint32_t model);
const uint8_t *model_hash(uint32_t model) {
    return oto_models[model]->hash;
}

EXPORT(arenaBytes) uint32_t arena_bytes(uint32_t model);
uint32_t arena_bytes(uint32_t model) {
    return oto_models[model]->arena_bytes;
}

EXPORT(reset) void reset(uint32_t model, void *arena);
void reset(uint32_t model, void *arena) {
    oto_models[model]->reset(arena);
}

EXPORT(feed)
void feed(uint32_t model, void *arena, const int16_t *samples, uint32_t count);
void feed(uint32_t model, void *arena, const int16_t *samples, uint32_t count) {
    oto_models[model]->feed(arena, samples, count);
}

EXPORT(finish) void finish(uint32_t model, void *arena, int32_t *scores);
void finish(uint32_t model, void *arena, int32_t *scores) {
    oto_models[model]->finish(arena, scores);
}
