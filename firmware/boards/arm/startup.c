/* Vector table and reset handler for every Cortex-M with an FPU or MVE. */
#include "board.h"

#include <string.h>

#define SCB_CCR (*(volatile uint32_t *)0xE000ED14u)
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88u)
#define SCB_VTOR (*(volatile uint32_t *)0xE000ED08u)

#define CPACR_FPU_FULL_ACCESS (0xFu << 20)
#define CCR_BRANCH_PREDICTION (1u << 18)
#define CCR_LOW_OVERHEAD_LOOPS (1u << 19)

/* Never read as numbers: their addresses are the linker script's values. */
extern uint32_t oto_stack_bottom[], oto_stack_top[];
extern uint32_t oto_data_load[], oto_data_start[], oto_data_end[];
extern uint32_t oto_bss_start[], oto_bss_end[];
extern uint8_t oto_free_start[], oto_free_end[];

#define STACK_PAINT 0x5afe57acu

typedef void (*handler)(void);
extern const handler oto_vectors[];

void oto_fault_handler(void);
void oto_nmi_handler(void);
void oto_systick_handler(void);

/*
 * The stack lies at the low end of RAM, so that running over it faults instead of eating data, and
 * is painted from the bottom up to this function's own frame, so that the high-water mark can be
 * read later.
 */
_Noreturn static void start(void) {
    SCB_VTOR = (uint32_t)(uintptr_t)oto_vectors;
    SCB_CPACR |= CPACR_FPU_FULL_ACCESS;
#if defined(__ARM_FEATURE_MVE)
    SCB_CCR |= CCR_BRANCH_PREDICTION | CCR_LOW_OVERHEAD_LOOPS;
#endif
    __asm volatile("dsb\n\tisb" ::: "memory");
    uint32_t *frame = __builtin_frame_address(0);
    for (uint32_t *word = oto_stack_bottom; word < frame - 16; word++)
        *word = STACK_PAINT;
    memcpy(oto_data_start, oto_data_load, (size_t)((char *)oto_data_end - (char *)oto_data_start));
    memset(oto_bss_start, 0, (size_t)((char *)oto_bss_end - (char *)oto_bss_start));
    (void)main();
    oto_board_reset(OTO_RESET_FAULT);
}

_Noreturn void oto_reset_handler(void);
_Noreturn void oto_reset_handler(void) {
    start();
}

static void irq_handler(void) {
    uint32_t ipsr;
    __asm volatile("mrs %0, ipsr" : "=r"(ipsr));
    oto_board_irq((ipsr & 0x1ffu) - 16u);
}

/* Boards whose UART is polled, such as the bench's, take no interrupt. */
__attribute__((weak)) void oto_board_irq(uint32_t number) {
    (void)number;
    oto_board_reset(OTO_RESET_FAULT);
}

uint32_t oto_board_stack_used(void) {
    const volatile uint32_t *word = oto_stack_bottom;
    while (word < oto_stack_top && *word == STACK_PAINT)
        word++;
    return (uint32_t)((uintptr_t)oto_stack_top - (uintptr_t)word);
}

uint32_t oto_board_stack_bytes(void) {
    return (uint32_t)((uintptr_t)oto_stack_top - (uintptr_t)oto_stack_bottom);
}

uint8_t *oto_board_free_ram(uint32_t *bytes) {
    *bytes = (uint32_t)(uintptr_t)(oto_free_end - oto_free_start);
    return oto_free_start;
}

__attribute__((section(".vectors"), used)) const handler oto_vectors[16 + OTO_IRQ_COUNT] = {
    [0] = (handler)(uintptr_t)oto_stack_top,
    [1] = oto_reset_handler,
    [2] = oto_nmi_handler,
    [3 ... 6] = oto_fault_handler,
    [7] = oto_fault_handler,
    [11 ... 12] = oto_fault_handler,
    [14] = oto_fault_handler,
    [15] = oto_systick_handler,
    [16 ... 15 + OTO_IRQ_COUNT] = irq_handler,
};
