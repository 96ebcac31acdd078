/*
 * Why the image that was asked for last does not run: kept in the boot state and reported to
 * whoever asks, decided upon by nobody. It is written with the record of the start that follows, so
 * a power cut in between loses the reason and nothing else.
 */
#ifndef OTO_REFUSAL_H
#define OTO_REFUSAL_H

#include <stdint.h>

typedef uint8_t oto_refusal;

enum {
    OTO_REFUSAL_NONE = 0,
    OTO_REFUSAL_REVERTED = 1, /* it started on trial and was not confirmed */
};

/* What is wrong with an image (image.h) as a refusal. */
oto_refusal oto_refusal_of(int32_t status);

/* One word of protocol/VENDOR.md; empty for none. */
const char *oto_refusal_text(oto_refusal refusal);

#endif
