/* Arenas are exactly as large as a model says, so that the address sanitizer sees a step beyond. */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t *vectors_arena(uint32_t bytes) {
    void *arena = aligned_alloc(16, bytes);
    if (arena == NULL)
        abort();
    return arena;
}

void vectors_release(uint8_t *arena) {
    free(arena);
}

void vectors_text(const char *text) {
    fputs(text, stdout);
}

int main(void) {
    vectors_run();
    return 0;
}
