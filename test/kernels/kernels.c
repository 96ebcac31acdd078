#include "kernels.h"

#include <stddef.h>
#include <string.h>

#include "decimal.h"

/* Nothing may depend on what memory held before. */
#define GARBAGE 0xa5

static void number(uint32_t value) {
    char digits[OTO_DECIMAL_BYTES];
    kernels_text(oto_decimal(value, digits));
}

static void wrong(const kernel_case *c, const char *what, uint32_t at) {
    kernels_text("wrong ");
    kernels_text(c->name);
    kernels_text(what);
    number(at);
    kernels_text("\n");
}

static void run(const kernel_case *c) {
    uint8_t *memory[KERNEL_SLOTS];
    for (uint32_t i = 0; i < KERNEL_SLOTS; i++) {
        memory[i] = kernels_take(i, c->bytes[i]);
        memset(memory[i], GARBAGE, c->bytes[i]);
    }
    for (uint32_t i = 0; i < KERNEL_INPUTS; i++)
        if (c->bytes[i] > 0)
            memcpy(memory[i], c->inputs[i], c->bytes[i]);
    c->run(memory[0], memory[1], memory[KERNEL_OUT],
           c->bytes[KERNEL_SCRATCH] > 0 ? memory[KERNEL_SCRATCH] : NULL);
    for (uint32_t i = 0; i < c->bytes[KERNEL_OUT]; i++)
        if (memory[KERNEL_OUT][i] != c->expected[i]) {
            wrong(c, ": byte ", i);
            break;
        }
    for (uint32_t i = 0; i < KERNEL_SLOTS; i++) {
        if (!kernels_intact(i, c->bytes[i]))
            wrong(c, ": writes beyond memory ", i);
        kernels_release(i);
    }
}

void kernels_run(void) {
    uint32_t count = 0;
    for (uint32_t t = 0; t < kernel_table_count; t++)
        for (uint32_t i = 0; i < kernel_tables[t].count; i++, count++)
            run(&kernel_tables[t].cases[i]);
    kernels_text("ran ");
    number(count);
    kernels_text("\n");
}
