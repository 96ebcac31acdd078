/* Runs every model of a program on its windows and prints the scores; the same on all targets. */
#ifndef OTO_VECTORS_H
#define OTO_VECTORS_H

#include "oto_models.h"

typedef struct {
    const int16_t *samples; /* windows, one after the other */
    uint32_t windows;
} oto_test_vector;

/* One for each of oto_models; generated. */
extern const oto_test_vector oto_test_vectors[];

/* What a target provides. */
uint8_t *vectors_arena(uint32_t bytes);
void vectors_release(uint8_t *arena);
void vectors_text(const char *text);

void vectors_run(void);

#endif
