#include "semihost.h"

#include "decimal.h"

#define SYS_WRITE0 0x04u
#define SYS_EXIT_EXTENDED 0x20u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

static uint32_t call(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void oto_semihost_text(const char *text) {
    (void)call(SYS_WRITE0, text);
}

void oto_semihost_number(uint64_t value) {
    char digits[OTO_DECIMAL_BYTES];
    oto_semihost_text(oto_decimal(value, digits));
}

_Noreturn void oto_semihost_exit(int32_t code) {
    const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)code};
    (void)call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}
