/* Differing bits on cores without a population count (Cortex-M4, M7, M33).
 *
 * Words come in triples. A triple (w0, w1, w2) of weights is stored recoded as (w0^w1^w2, w0^w1,
 * w0^w2), and a patch is recoded likewise once per position. With s, u, v the XORs of the two
 * recoded triples, the three XNOR results' full adder is sum = s, carry = s ^ (u | v): five
 * operations where XOR and adder apart take eight. Sums and carries of three triples (288 bits) are
 * then counted in fields of 2, 4 and 8 bits. */
#ifndef OTO_XNOR_CONV_DSP_H
#define OTO_XNOR_CONV_DSP_H

#include "../common/types.h"

#define OTO_XNOR_PATCH_WORDS(words) (OTO_CEIL_DIV(words, 3) * 3)

/* Recodes a patch in place; fills it up to a whole triple. */
OTO_INLINE void oto_xnor_prepare(uint32_t *patch, int32_t words) {
    for (int32_t i = words; i < OTO_XNOR_PATCH_WORDS(words); i++)
        patch[i] = 0;
    for (int32_t i = 0; i < words; i += 3) {
        const uint32_t a = patch[i], u = a ^ patch[i + 1], v = a ^ patch[i + 2];
        patch[i] = u ^ patch[i + 2];
        patch[i + 1] = u;
        patch[i + 2] = v;
    }
}

/* r0 weights, r1 patch, r2 = 0x33333333, r3 = 3, r4 counts in bytes, r5-r12 scratch, lr start or
 * output. A triple: sum and carry in the first two registers. */
#define OTO_XNOR_ADDER(s, c, v) "orr " c ", " c ", " v "\neor " c ", " c ", " s "\n"
#define OTO_XNOR_TRIPLE_1                                                                          \
    "ldmia r0!, {r5, r6, r7}\n"                                                                    \
    "ldmia r1!, {r8, r9, r10}\n"                                                                   \
    "eor r5, r5, r8\n"                                                                             \
    "eor r6, r6, r9\n"                                                                             \
    "eor r7, r7, r10\n" OTO_XNOR_ADDER("r5", "r6", "r7")
#define OTO_XNOR_TRIPLE_2                                                                          \
    "ldmia r0!, {r7, r8, r9}\n"                                                                    \
    "ldmia r1!, {r10, r11, r12}\n"                                                                 \
    "eor r7, r7, r10\n"                                                                            \
    "eor r8, r8, r11\n"                                                                            \
    "eor r9, r9, r12\n" OTO_XNOR_ADDER("r7", "r8", "r9")
#define OTO_XNOR_TRIPLE_3                                                                          \
    "ldmia r0!, {r9, r10}\n"                                                                       \
    "ldmia r1!, {r11, r12}\n"                                                                      \
    "eor r9, r9, r11\n"                                                                            \
    "eor r10, r10, r12\n"                                                                          \
    "ldr r11, [r0], #4\n"                                                                          \
    "ldr r12, [r1], #4\n"                                                                          \
    "eor r11, r11, r12\n" OTO_XNOR_ADDER("r9", "r10", "r11")
/* Ones of a word in fields of 2 bits; fields of 2 to fields of 4. */
#define OTO_XNOR_FIELDS_2(a) "and r11, " a ", #0xaaaaaaaa\nsub " a ", " a ", r11, lsr #1\n"
#define OTO_XNOR_FIELDS_4(a) "and r11, r2, " a ", lsr #2\nmls " a ", r11, r3, " a "\n"
/* Ones of three words in eight fields of 4 bits, at most 12 each, left in `a`. */
#define OTO_XNOR_COUNT_3(a, b, c)                                                                  \
    OTO_XNOR_FIELDS_2(a)                                                                           \
    OTO_XNOR_FIELDS_2(b)                                                                           \
    "and r11, " c ", #0x55555555\n"                                                                \
    "add " a ", " a ", r11\n"                                                                      \
    "bic " c ", " c ", #0x55555555\n"                                                              \
    "add " b ", " b ", " c ", lsr #1\n" OTO_XNOR_FIELDS_4(a) OTO_XNOR_FIELDS_4(b) "add " a ", " a  \
                                                                                  ", " b "\n"
/* Nine words: counts of sums in r5 and of carries in r6, then bytes of both in r7 with r6's rest to
 * add. */
#define OTO_XNOR_NINE                                                                              \
    OTO_XNOR_TRIPLE_1 OTO_XNOR_TRIPLE_2 OTO_XNOR_TRIPLE_3 OTO_XNOR_COUNT_3("r5", "r7", "r9")       \
        OTO_XNOR_COUNT_3("r6", "r8", "r10") "and r7, r5, #0x0f0f0f0f\n"                            \
                                            "sub r5, r5, r7\n"                                     \
                                            "and r8, r6, #0x0f0f0f0f\n"                            \
                                            "sub r6, r6, r8\n"                                     \
                                            "add r7, r7, r8, lsl #1\n"                             \
                                            "add r7, r7, r5, lsr #4\n"
/* Three words, likewise: fields of 4 bits hold sums and carries together. */
#define OTO_XNOR_THREE                                                                             \
    OTO_XNOR_TRIPLE_1 OTO_XNOR_FIELDS_2("r5") OTO_XNOR_FIELDS_2("r6") OTO_XNOR_FIELDS_4("r5")      \
        OTO_XNOR_FIELDS_4("r6") "add r5, r5, r6, lsl #1\n"                                         \
                                "and r6, r5, #0xf0f0f0f0\n"                                        \
                                "sub r7, r5, r6\n"
/* Bytes hold three blocks of nine words; more go into a word on the stack first. */
#define OTO_XNOR_FLUSH_FIRST                                                                       \
    "mov r5, #0\n"                                                                                 \
    "usad8 r5, r4, r5\n"                                                                           \
    "str r5, [sp, #8]\n"
#define OTO_XNOR_FLUSH                                                                             \
    "mov r5, #0\n"                                                                                 \
    "ldr r6, [sp, #8]\n"                                                                           \
    "usada8 r5, r4, r5, r6\n"                                                                      \
    "str r5, [sp, #8]\n"

/* All words of one channel: blocks of nine, then of three; leaves bytes in r4. */
#define OTO_XNOR_CHANNEL                                                                           \
    ".set oto_n, 0\n"                                                                              \
    ".rept %c[nines]\n"                                                                            \
    ".if oto_n == 3\n" OTO_XNOR_FLUSH_FIRST                                                        \
    ".elseif oto_n > 0 && oto_n %% 3 == 0\n" OTO_XNOR_FLUSH ".endif\n" OTO_XNOR_NINE               \
    ".if oto_n %% 3 == 0\n"                                                                        \
    "add r4, r7, r6, lsr #3\n"                                                                     \
    ".else\n"                                                                                      \
    "add r7, r7, r6, lsr #3\n"                                                                     \
    "add r4, r4, r7\n"                                                                             \
    ".endif\n"                                                                                     \
    ".set oto_n, oto_n + 1\n"                                                                      \
    ".endr\n"                                                                                      \
    ".if %c[nines] > 0 && %c[nines] %% 3 == 0 && %c[threes] > 0\n"                                 \
    ".if %c[nines] == 3\n" OTO_XNOR_FLUSH_FIRST ".else\n" OTO_XNOR_FLUSH ".endif\n"                \
    ".endif\n"                                                                                     \
    ".set oto_m, 0\n"                                                                              \
    ".rept %c[threes]\n" OTO_XNOR_THREE ".if oto_m == 0 && %c[nines] %% 3 == 0\n"                  \
    "add r4, r7, r6, lsr #4\n"                                                                     \
    ".else\n"                                                                                      \
    "add r7, r7, r6, lsr #4\n"                                                                     \
    "add r4, r4, r7\n"                                                                             \
    ".endif\n"                                                                                     \
    ".set oto_m, oto_m + 1\n"                                                                      \
    ".endr\n"                                                                                      \
    "mov r7, #0\n"

#define OTO_XNOR_OPEN                                                                              \
    "sub sp, sp, #16\n"                                                                            \
    "str %[patch], [sp]\n"                                                                         \
    "str r4, [sp, #12]\n"                                                                          \
    "mov r2, #0x33333333\n"                                                                        \
    "mov r3, #3\n"
/* Past the words of rows that are skipped. */
#define OTO_XNOR_SKIP                                                                              \
    ".if %c[skip]\n"                                                                               \
    "add r0, r0, %[skip]\n"                                                                        \
    ".endif\n"
#define OTO_XNOR_CLOSE                                                                             \
    OTO_XNOR_SKIP                                                                                  \
    "ldr r9, [sp, #12]\n"                                                                          \
    "cmp lr, r9\n"                                                                                 \
    "ldr r1, [sp]\n"                                                                               \
    "bne 1b\n"
#define OTO_XNOR_CLOBBERS                                                                          \
    "r2", "r3", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cc", "memory"
#define OTO_XNOR_SHAPE(stride, words)                                                              \
    [nines] "n"((words) / 9), [threes] "n"(OTO_CEIL_DIV((words) % 9, 3)),                          \
        [skip] "n"(((stride)-OTO_XNOR_PATCH_WORDS(words)) * 4)
/* A flush has happened, so the word on the stack counts too. */
#define OTO_XNOR_FLUSHED(words) ((words) / 9 > 3 || ((words) / 9 == 3 && (words) % 9 > 0))

/* The next start, the bit (start + bytes < 0) into the top of `bits`, and into carry the mark that
 * says when all channels are done. `zero` holds 0. */
#define OTO_XNOR_INSERT(bytes, zero, bits)                                                         \
    "usada8 r5, " bytes ", " zero ", r6\n"                                                         \
    "lsrs " bits ", " bits ", #1\n"                                                                \
    "and r5, r5, #0x80000000\n"                                                                    \
    "orr " bits ", " bits ", r5\n"

/* Output bits of `channels` (at most 32) channels: bit n is (start[n] + differing bits) < 0. The
 * word of bits begins with a mark that leaves it with the last channel; it lies in whichever
 * register the channel's kernel spares. */
OTO_INLINE uint32_t oto_xnor_dsp_bits(const uint32_t *patch, const uint32_t *weight,
                                      const int32_t stride, const int32_t words, int32_t channels,
                                      const int32_t *start) {
    register const uint32_t *r0 __asm__("r0") = weight;
    register const uint32_t *r1 __asm__("r1") = patch;
    register uint32_t r4 __asm__("r4") = 1u << (channels - 1);
    register const int32_t *lr __asm__("lr") = start;
    __asm__ volatile(
        OTO_XNOR_OPEN
        ".if %c[nines] == 0\n"
        "mov r12, r4\n"
        ".elseif %c[nines] > 1 || %c[threes] > 0\n"
        "str r4, [sp, #4]\n"
        ".endif\n"
        "1:\n"
        ".if %c[nines] == 1 && %c[threes] == 0\n" OTO_XNOR_NINE "add r7, r7, r6, lsr #3\n"
        "mov r8, #0\n"
        "ldr r6, [lr], #4\n" OTO_XNOR_INSERT(
            "r7", "r8", "r4") ".else\n" OTO_XNOR_CHANNEL "ldr r6, [lr], #4\n"
                              ".if %c[flushed]\n"
                              "ldr r5, [sp, #8]\n"
                              "add r6, r6, r5\n"
                              ".endif\n"
                              ".if %c[nines] == 0\n" OTO_XNOR_INSERT(
                                  "r4", "r7",
                                  "r12") ".else\n"
                                         "ldr r8, [sp, #4]\n" OTO_XNOR_INSERT(
                                             "r4", "r7",
                                             "r8") "str r8, [sp, #4]\n"
                                                   ".endif\n"
                                                   ".endif\n" OTO_XNOR_SKIP "ldr r1, [sp]\n"
                                                   "bcc 1b\n"
                                                   ".if %c[nines] == 0\n"
                                                   "mov r4, r12\n"
                                                   ".elseif %c[nines] > 1 || %c[threes] > 0\n"
                                                   "mov r4, r8\n"
                                                   ".endif\n"
                                                   "add sp, sp, #16\n"
        : "+r"(r0), "+r"(r1), "+r"(r4), "+r"(lr)
        : [patch] "r"(r1), OTO_XNOR_SHAPE(stride, words), [flushed] "n"(OTO_XNOR_FLUSHED(words))
        : OTO_XNOR_CLOBBERS);
    return r4 >> (32 - channels);
}

/* Differing bits of `channels` channels. */
OTO_INLINE void oto_xnor_dsp_counts(const uint32_t *patch, const uint32_t *weight,
                                    const int32_t stride, const int32_t words, int32_t channels,
                                    int32_t *counts) {
    register const uint32_t *r0 __asm__("r0") = weight;
    register const uint32_t *r1 __asm__("r1") = patch;
    register int32_t *r4 __asm__("r4") = counts + channels;
    register int32_t *lr __asm__("lr") = counts;
    __asm__ volatile(OTO_XNOR_OPEN "1:\n" OTO_XNOR_CHANNEL ".if %c[flushed]\n"
                                   "ldr r6, [sp, #8]\n"
                                   "usada8 r5, r4, r7, r6\n"
                                   ".else\n"
                                   "usad8 r5, r4, r7\n"
                                   ".endif\n"
                                   "str r5, [lr], #4\n" OTO_XNOR_CLOSE "add sp, sp, #16\n"
                     : "+r"(r0), "+r"(r1), "+r"(r4), "+r"(lr)
                     : [patch] "r"(r1),
                       OTO_XNOR_SHAPE(stride, words), [flushed] "n"(OTO_XNOR_FLUSHED(words))
                     : OTO_XNOR_CLOBBERS);
}

/* Kernels are made for constant lengths: all words, or what is left of `parts` equal rows at a
 * border. */
OTO_INLINE void oto_xnor_bits(const uint32_t *patch, const uint32_t *weight, int32_t stride,
                              int32_t first, int32_t words, int32_t channels, const int32_t *start,
                              uint32_t *bits) {
    for (int32_t n = 0; n < channels; n += 32) {
        const int32_t some = channels - n < 32 ? channels - n : 32;
        const uint32_t *w = weight + n * stride + first;
        uint32_t *out = bits + n / 32;
        if (words == stride)
            *out = oto_xnor_dsp_bits(patch, w, stride, stride, some, start + n);
        else if (words * 3 == stride * 2)
            *out = oto_xnor_dsp_bits(patch, w, stride, stride / 3 * 2, some, start + n);
        else
            *out = oto_xnor_dsp_bits(patch, w, stride, stride / 3, some, start + n);
    }
}

OTO_INLINE void oto_xnor_counts(const uint32_t *patch, const uint32_t *weight, int32_t stride,
                                int32_t first, int32_t words, int32_t channels, int32_t *counts) {
    const uint32_t *w = weight + first;
    if (words == stride)
        oto_xnor_dsp_counts(patch, w, stride, stride, channels, counts);
    else if (words * 3 == stride * 2)
        oto_xnor_dsp_counts(patch, w, stride, stride / 3 * 2, channels, counts);
    else
        oto_xnor_dsp_counts(patch, w, stride, stride / 3, channels, counts);
}

#endif
