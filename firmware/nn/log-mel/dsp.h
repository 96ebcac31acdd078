/* Two stages of the transform at a time, for cores with the DSP extension. */
#ifndef OTO_LOG_MEL_DSP_H
#define OTO_LOG_MEL_DSP_H

#include "butterfly.h"

/* Two stages for four numbers. r0 between the second and the third of them, r1 factors, r2-r3 the
 * factor at hand, r4-r11 the numbers, r12 and lr its product with one of them. */
#define OTO_TURN_ASM(re, im)                                                                       \
    "smmulr r12, " re ", r2\n"                                                                     \
    "smmlsr r12, " im ", r3, r12\n"                                                                \
    "smmulr lr, " re ", r3\n"                                                                      \
    "smmlar lr, " im ", r2, lr\n"
#define OTO_TURN_FURTHER_ASM(re, im) /* by -i as well */                                           \
    "smmulr r12, " re ", r3\n"                                                                     \
    "smmlar r12, " im ", r2, r12\n"                                                                \
    "smmulr lr, " im ", r3\n"                                                                      \
    "smmlsr lr, " re ", r2, lr\n"
#define OTO_MEET_ASM(re, im, sum_re, sum_im, shift)                                                \
    "add " sum_re ", r12, " re ", asr " shift "\n"                                                 \
    "add " sum_im ", lr, " im ", asr " shift "\n"                                                  \
    "rsb " re ", r12, " re ", asr " shift "\n"                                                     \
    "rsb " im ", lr, " im ", asr " shift "\n"

/* The stages of `half` and 2 * `half`; `shift` is that of the second. Returns the next factors. In
 * C, the compiler loads and stores the parts one by one and runs out of registers: 62 instructions
 * for four numbers instead of 46. Ends of loops lie at the stack pointer. */
OTO_INLINE const int32_t *oto_transform_two(oto_complex *z, const int32_t size, const int32_t half,
                                            const int32_t *twiddle, const int32_t shift) {
    register uint8_t *r0 __asm__("r0") = (uint8_t *)z + 12 * half;
    register const int32_t *r1 __asm__("r1") = twiddle;
    register const int32_t *r2 __asm__("r2") = twiddle + 4 * half;
    register uint8_t *r3 __asm__("r3") = (uint8_t *)(z + size) + 12 * half;
    /* clang-format off */
    __asm__ volatile(
        "sub sp, sp, #16\n"
        "stm sp, {r1, r2, r3}\n"
        "1:\n"
        "ldrd r2, r3, [r1], #8\n"
        "ldrd r6, r7, [r0, #-%c[near]]\n"
        OTO_TURN_ASM("r6", "r7")
        "ldrd r4, r5, [r0, #-%c[far]]\n"
        OTO_MEET_ASM("r4", "r5", "r6", "r7", "#1")
        "ldrd r10, r11, [r0, #%c[far]]\n"
        OTO_TURN_ASM("r10", "r11")
        "ldrd r8, r9, [r0, #%c[near]]\n"
        OTO_MEET_ASM("r8", "r9", "r10", "r11", "#1")
        "ldrd r2, r3, [r1], #8\n"
        OTO_TURN_ASM("r10", "r11")
        OTO_MEET_ASM("r6", "r7", "r10", "r11", "%[shift]")
        "strd r10, r11, [r0, #-%c[far]]\n"
        "strd r6, r7, [r0, #%c[near]]\n"
        OTO_TURN_FURTHER_ASM("r8", "r9")
        OTO_MEET_ASM("r4", "r5", "r8", "r9", "%[shift]")
        "ldr r2, [sp, #4]\n"
        "strd r8, r9, [r0, #-%c[near]]\n"
        "strd r4, r5, [r0, #%c[far]]\n"
        "add r0, r0, #8\n"
        "cmp r1, r2\n"
        "bne 1b\n"
        "ldr r1, [sp]\n" /* the next block */
        "ldr r2, [sp, #8]\n"
        "add r0, r0, %[skip]\n"
        "cmp r0, r2\n"
        "bne 1b\n"
        "add sp, sp, #16\n"
        : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
        : [near] "n"(4 * half), [far] "n"(12 * half), [skip] "n"(24 * half), [shift] "n"(shift)
        : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
    /* clang-format on */
    return twiddle + 4 * half;
}

#endif
