/* Hot loops in assembler. Each is a function of its own, written once as macros of the assembler
 * and made for every shape that needs it: offsets and counts are immediates of its instructions, so
 * they are given as constant expressions to the macro that makes it. Such a function has no frame
 * but what its instructions save, builds at every level of optimisation, and a debugger stops in it
 * by name. */
#ifndef OTO_COMMON_ASM_LOOP_H
#define OTO_COMMON_ASM_LOOP_H

#define OTO_ASM_LOOP static __attribute__((naked, noipa, unused))
/* A parameter, which lies in r0 to r3 in order. */
#define OTO_IN_REGISTER __attribute__((unused))

#endif
