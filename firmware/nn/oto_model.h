/* What every generated model exports, whatever the network and the target. */
#ifndef OTO_MODEL_H
#define OTO_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oto_model {
    const char *name;           /* e.g. "qmicro-acdnet-esc10" */
    const char *kind;           /* "int8" or "xnor" */
    uint8_t hash[32];           /* SHA-256 of the deployed model file */
    uint32_t sample_rate;       /* Hz */
    uint32_t window_samples;    /* int16 samples of one window */
    uint16_t class_count;       /* number of scores and labels */
    const char *const *labels;  /* class_count strings */
    uint32_t score_scale_q24;   /* logit = score * score_scale_q24 / 2^24 */
    uint32_t arena_bytes;       /* bytes the caller provides, aligned to 16 */
    void (*reset)(void *arena); /* begins a window */
    /* Takes the next `count` samples; a window's samples may come in any portions, never more of
     * them than window_samples in all. */
    void (*feed)(void *arena, const int16_t *samples, uint32_t count);
    /* After window_samples: runs what is left of the network and writes class_count scores. */
    void (*finish)(void *arena, int32_t *scores);
} oto_model;

extern const oto_model oto_model_instance;

/* Set by a program that measures: called after each stage of the generated model, in order. */
#ifdef OTO_PROFILE
void oto_profile_stage(uint32_t stage);
#else
static inline void oto_profile_stage(uint32_t stage) {
    (void)stage;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
