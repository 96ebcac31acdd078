/* Kernels one by one: each case is a layer of its own, run on the maps it reads. The same on all
 * targets. */
#ifndef OTO_KERNELS_TEST_H
#define OTO_KERNELS_TEST_H

#include <stdint.h>

#define KERNEL_INPUTS 2
/* Maps and scratch of a case lie in memory of their own. */
#define KERNEL_SLOTS (KERNEL_INPUTS + 2)
#define KERNEL_OUT KERNEL_INPUTS
#define KERNEL_SCRATCH (KERNEL_INPUTS + 1)

typedef struct {
    const char *name;
    void (*run)(uint8_t *first, uint8_t *second, uint8_t *out, uint8_t *scratch);
    const uint8_t *inputs[KERNEL_INPUTS];
    const uint8_t *expected;
    uint32_t bytes[KERNEL_SLOTS];
} kernel_case;

/* Generated: the cases of an operator, and all operators. */
typedef struct {
    const kernel_case *cases;
    uint32_t count;
} kernel_table;
extern const kernel_table kernel_tables[];
extern const uint32_t kernel_table_count;

/* What a target provides: memory aligned to 16, what became of bytes behind it, and a way to say so. */
uint8_t *kernels_take(uint32_t slot, uint32_t bytes);
int kernels_intact(uint32_t slot, uint32_t bytes);
void kernels_release(uint32_t slot);
void kernels_text(const char *text);

/* Prints a line for each case that is wrong, then how many were run. */
void kernels_run(void);

#endif
