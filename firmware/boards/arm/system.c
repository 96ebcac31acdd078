/* Time, sleep, reset and the jump to another image: the same on every Cortex-M. */
#include "board.h"

#define SYSTICK_CTRL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_LOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018u)
#define SCB_ICSR (*(volatile uint32_t *)0xE000ED04u)
#define SCB_VTOR (*(volatile uint32_t *)0xE000ED08u)
#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0Cu)

#define SYSTICK_ENABLE 7u /* counter, interrupt, processor clock */
#define SYSTICK_PERIOD 0x1000000u
#define ICSR_PENDSTSET (1u << 26)
#define ICSR_PENDSTCLR (1u << 25)
#define AIRCR_SYSTEM_RESET 0x05fa0004u

static volatile uint32_t periods;
static oto_reset_cause cause;

volatile oto_handover *oto_board_handover(void) {
    return (volatile oto_handover *)(uintptr_t)OTO_HANDOVER_ADDRESS;
}

void oto_systick_handler(void);
void oto_systick_handler(void) {
    periods++;
}

/* A reset that nobody announced, with RAM still holding our mark, came from a pin or a brown-out.
 */
static void read_reset_cause(void) {
    volatile oto_handover *handover = oto_board_handover();
    if (handover->magic != OTO_HANDOVER_MAGIC) {
        cause = OTO_RESET_POWER_ON;
        handover->boots = 0;
        handover->security_counter = 0;
        handover->boot_version = 0;
    } else {
        cause = (oto_reset_cause)handover->next_cause;
    }
    handover->magic = OTO_HANDOVER_MAGIC;
    handover->cause = (uint32_t)cause;
    handover->next_cause = OTO_RESET_PIN;
}

void oto_system_start(void);
void oto_system_start(void) {
    read_reset_cause();
    SYSTICK_LOAD = SYSTICK_PERIOD - 1u;
    SYSTICK_VALUE = 0;
    SYSTICK_CTRL = SYSTICK_ENABLE;
}

void oto_system_stop(void);
void oto_system_stop(void) {
    SYSTICK_CTRL = 0;
    SCB_ICSR = ICSR_PENDSTCLR;
}

/* SysTick counts down 24 bits; a wrap that has not been served yet shows in the pending bit. */
static uint64_t clock_counts(void) {
    uint32_t mask;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(mask)::"memory");
    uint32_t value = SYSTICK_VALUE;
    uint32_t wraps = periods;
    if ((SCB_ICSR & ICSR_PENDSTSET) != 0) {
        value = SYSTICK_VALUE;
        wraps++;
    }
    __asm volatile("msr primask, %0" ::"r"(mask) : "memory");
    const uint32_t elapsed = value == 0 ? 0 : SYSTICK_PERIOD - value;
    return (uint64_t)wraps * SYSTICK_PERIOD + elapsed;
}

uint64_t oto_board_ticks(void) {
    return clock_counts() * OTO_TICK_MULTIPLIER / OTO_TICK_DIVISOR;
}

uint32_t oto_board_milliseconds(void) {
    return (uint32_t)(clock_counts() / (OTO_CLOCK_HZ / 1000u));
}

uint32_t oto_board_beats(void) {
    return periods;
}

oto_reset_cause oto_board_reset_cause(void) {
    return cause;
}

_Noreturn void oto_board_reset(oto_reset_cause why) {
    oto_board_handover()->next_cause = (uint32_t)why;
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = AIRCR_SYSTEM_RESET;
    __asm volatile("dsb" ::: "memory");
    for (;;) {
    }
}

void oto_fault_handler(void);
void oto_fault_handler(void) {
    oto_board_reset(OTO_RESET_FAULT);
}

/* The watchdog's first time-out is an NMI, its second a reset: the time between is enough to leave
 * a note. */
void oto_nmi_handler(void);
void oto_nmi_handler(void) {
    oto_board_reset(OTO_RESET_WATCHDOG);
}

_Noreturn void oto_board_jump(uint32_t vectors) {
    const volatile uint32_t *table = (const volatile uint32_t *)(uintptr_t)vectors;
    const uint32_t stack = table[0];
    const uint32_t entry = table[1];
    SCB_VTOR = vectors;
    __asm volatile("dsb\n\tisb\n\tmsr msp, %0\n\tbx %1" ::"r"(stack), "r"(entry) : "memory");
    __builtin_unreachable();
}
